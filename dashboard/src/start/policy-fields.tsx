import { useState } from "react";

import { Field, SelectField, TextField, type FieldErrors } from "../ui/field";
import { DURATIONS, NONE, NUMBERS, SETTING, UNITS } from "./order-input";

export function PolicyFields({ errors }: { errors: FieldErrors }) {
  return (
    <div className="mt-3 grid gap-3 sm:grid-cols-2">
      <SelectField label="Review" name="policy.reviewMode" defaultValue={SETTING} error={errors["policy.reviewMode"]}>
        <option value={SETTING}>As the settings have it</option>
        <option value="MANUAL">Manual: a person approves</option>
        <option value="TIMER">Timer: it goes on by itself</option>
        <option value="NONE">None: charged at once</option>
      </SelectField>
      {DURATIONS.map(({ name, label, none }) => (
        <DurationField key={name} label={label} name={`policy.${name}`} none={none} error={errors[`policy.${name}`]} />
      ))}
      {NUMBERS.map(({ name, label, step }) => (
        <TextField key={name} label={label} name={`policy.${name}`} type="number" min={0} step={step} placeholder="As the settings have it" error={errors[`policy.${name}`]} />
      ))}
    </div>
  );
}

interface DurationFieldProps {
  label: string;
  name: string;
  none: string | null;
  error: string | undefined;
}

function DurationField({ label, name, none, error }: DurationFieldProps) {
  const [unit, setUnit] = useState<string>(SETTING);
  const counts = unit in UNITS;
  return (
    <Field label={label} error={error}>
      {(described) => (
        <div className="flex gap-2">
          <select {...described} name={`${name}.unit`} className="input" value={unit} onChange={(event) => { setUnit(event.target.value); }}>
            <option value={SETTING}>As the settings have it</option>
            {none && <option value={NONE}>{none}</option>}
            {Object.entries(UNITS).map(([letter, words]) => <option key={letter} value={letter}>{words}</option>)}
          </select>
          {counts && (
            <input
              name={name}
              type="number"
              min={0}
              step={unit === "S" ? "any" : 1}
              required
              className="input w-28"
              aria-label={`${label}: how many ${UNITS[unit as keyof typeof UNITS]}`}
            />
          )}
        </div>
      )}
    </Field>
  );
}
