import { useEffect, useState } from "react";

import { CustomerPicker } from "../customers/customer-picker";
import type { OrderSortField } from "../generated/graphql";
import { SelectField, TextField } from "../ui/field";
import { useSettled } from "../ui/hooks";
import { inWords } from "../ui/words";
import { AMOUNT, PRIORITIES, type OrderSearch } from "./search";

interface FiltersProps {
  search: OrderSearch;
  onChange: (part: Partial<OrderSearch>) => void;
}

const SORTS: readonly (readonly [OrderSortField, string, string])[] = [
  ["CREATED_AT", "Latest first", "Oldest first"],
  ["UPDATED_AT", "Last event, latest first", "Last event, oldest first"],
  ["TOTAL", "Largest total first", "Smallest total first"],
];

export function Filters({ search, onChange }: FiltersProps) {
  const { customerId, priorities, min, max, from, to } = search;
  const more = [customerId, min || max, from || to, priorities.length > 0].filter(Boolean).length;
  const [open, setOpen] = useState(more > 0);
  return (
    <search className="card mb-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <SettlingField label="Customer's name" type="search" value={search.customerName} onSettled={(customerName) => { onChange({ customerName }); }} />
        <SelectField
          label="Sorted by"
          value={`${search.sort} ${search.ascending ? "ASC" : "DESC"}`}
          onChange={(event) => {
            const [sort, direction] = event.target.value.split(" ");
            onChange({ sort: sort as OrderSortField, ascending: direction === "ASC" });
          }}
        >
          {SORTS.map(([field, down, up]) => [
            <option key={down} value={`${field} DESC`}>{down}</option>,
            <option key={up} value={`${field} ASC`}>{up}</option>,
          ])}
        </SelectField>
      </div>
      <details className="mt-3" open={open} onToggle={(event) => { setOpen(event.currentTarget.open); }}>
        <summary className="w-fit cursor-pointer text-sm font-medium">More filters{more > 0 && ` (${more})`}</summary>
        <div className="mt-3 grid grid-cols-2 gap-3 lg:grid-cols-4">
          <div className="col-span-2">
            <CustomerPicker label="Customer" customerId={customerId} onPick={(customer) => { onChange({ customerId: customer?.id ?? "" }); }} />
          </div>
          <fieldset className="col-span-2">
            <legend className="label">Priority</legend>
            <div className="flex flex-wrap gap-1.5">
              {PRIORITIES.map((priority) => {
                const pressed = priorities.includes(priority);
                return (
                  <button
                    key={priority}
                    type="button"
                    aria-pressed={pressed}
                    className="chip"
                    onClick={() => { onChange({ priorities: pressed ? priorities.filter((one) => one !== priority) : [...priorities, priority] }); }}
                  >
                    {inWords(priority)}
                  </button>
                );
              })}
            </div>
          </fieldset>
          <SettlingField label="Total from" inputMode="decimal" pattern={AMOUNT} value={min} onSettled={(value) => { onChange({ min: value }); }} />
          <SettlingField label="Total to" inputMode="decimal" pattern={AMOUNT} value={max} onSettled={(value) => { onChange({ max: value }); }} />
          <TextField label="Started from" type="date" value={from} onChange={(event) => { onChange({ from: event.target.value }); }} />
          <TextField label="Started to" type="date" value={to} onChange={(event) => { onChange({ to: event.target.value }); }} />
        </div>
      </details>
    </search>
  );
}

interface SettlingFieldProps {
  label: string;
  value: string;
  onSettled: (value: string) => void;
  type?: string;
  pattern?: string;
  inputMode?: "decimal";
}

/** A text that counts once the typing has stopped, and the pattern fits. */
function SettlingField({ value, onSettled, ...field }: SettlingFieldProps) {
  const [typed, setTyped] = useState(value);
  const [before, setBefore] = useState(value);
  if (value !== before) { // the address was changed by something else
    setBefore(value);
    if (value !== typed.trim()) setTyped(value);
  }
  const settled = useSettled(typed);
  const fits = settled === "" || field.pattern === undefined || new RegExp(`^(?:${field.pattern})$`).test(settled);
  useEffect(() => {
    if (fits && settled === typed && settled !== value) onSettled(settled);
    // Only a new settled text counts: a changed address is not to be changed back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [settled]);
  return (
    <TextField
      {...field}
      value={typed}
      error={fits ? undefined : "An amount, such as 249.90"}
      onChange={(event) => { setTyped(event.target.value); }}
    />
  );
}
