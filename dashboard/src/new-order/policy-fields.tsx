import { useState } from "react";

import { Field, SelectField, TextField, type FieldErrors } from "../ui/field";
import { DURATIONS, NONE, NUMBERS, DEFAULT, UNITS } from "./order-input";

export function PolicyFields({ errors }: { errors: FieldErrors }) {
  return (
    <div className="mt-3 grid gap-3 sm:grid-cols-2">
      <SelectField label="Review" name="policy.reviewMode" defaultValue={DEFAULT} error={errors["policy.reviewMode"]}>
        <option value={DEFAULT}>Server default</option>
        <option value="MANUAL">Manual: a person must approve</option>
        <option value="TIMER">Timer: approved when the timeout ends</option>
        <option value="NONE">None: approved at once</option>
      </SelectField>
      {DURATIONS.map(({ name, label, none }) => (
        <DurationField key={name} label={label} name={`policy.${name}`} none={none} error={errors[`policy.${name}`]} />
      ))}
      {NUMBERS.map(({ name, label, step }) => (
        <TextField key={name} label={label} name={`policy.${name}`} type="number" min={0} step={step} placeholder="Server default" error={errors[`policy.${name}`]} />
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
  const [unit, setUnit] = useState<string>(DEFAULT);
  const hasAmount = unit in UNITS;
  return (
    <Field label={label} error={error}>
      {(control) => (
        <div className="flex gap-2">
          <select {...control} name={`${name}.unit`} className="input" value={unit} onChange={(event) => { setUnit(event.target.value); }}>
            <option value={DEFAULT}>Server default</option>
            {none && <option value={NONE}>{none}</option>}
            {Object.entries(UNITS).map(([letter, label]) => <option key={letter} value={letter}>{label}</option>)}
          </select>
          {hasAmount && (
            <input
              name={name}
              type="number"
              min={0}
              step={unit === "S" ? "any" : 1}
              required
              className="input w-28"
              aria-label={`${label} in ${UNITS[unit as keyof typeof UNITS]}`}
            />
          )}
        </div>
      )}
    </Field>
  );
}
