import { useState } from "react";

import { CustomerPicker } from "../customers/customer-picker";
import type { OrderSortField } from "../generated/graphql";
import { DebouncedField } from "../ui/debounced-field";
import { SelectField, TextField } from "../ui/field";
import { enumLabel } from "../ui/format";
import { AMOUNT, PRIORITIES, type OrderSearch } from "./search";

const AMOUNT_PROBLEM = "Enter an amount, such as 249.90";

interface FiltersProps {
  search: OrderSearch;
  onChange: (part: Partial<OrderSearch>) => void;
}

const SORTS: readonly (readonly [OrderSortField, string, string])[] = [
  ["CREATED_AT", "Newest first", "Oldest first"],
  ["UPDATED_AT", "Last event, newest first", "Last event, oldest first"],
  ["TOTAL", "Total, highest first", "Total, lowest first"],
];

export function Filters({ search, onChange }: FiltersProps) {
  const { customerId, priorities, currency, min, max, from, to } = search;
  const active = [customerId, currency, from || to, priorities.length > 0].filter(Boolean).length;
  const [open, setOpen] = useState(active > 0);
  return (
    <search className="card mb-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <DebouncedField label="Customer name" type="search" value={search.customerName} onChange={(customerName) => { onChange({ customerName }); }} />
        <SelectField
          label="Sort by"
          value={`${search.sort} ${search.ascending ? "ASC" : "DESC"}`}
          onChange={(event) => {
            const [sort, direction] = event.target.value.split(" ");
            onChange({ sort: sort as OrderSortField, ascending: direction === "ASC" });
          }}
        >
          {SORTS.filter(([field]) => currency || field !== "TOTAL").map(([field, descending, ascending]) => [
            <option key={descending} value={`${field} DESC`}>{descending}</option>,
            <option key={ascending} value={`${field} ASC`}>{ascending}</option>,
          ])}
        </SelectField>
      </div>
      <details className="mt-3" open={open} onToggle={(event) => { setOpen(event.currentTarget.open); }}>
        <summary className="w-fit cursor-pointer text-sm font-medium">More filters{active > 0 && ` (${active})`}</summary>
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
                    onClick={() => { onChange({ priorities: pressed ? priorities.filter((other) => other !== priority) : [...priorities, priority] }); }}
                  >
                    {enumLabel(priority)}
                  </button>
                );
              })}
            </div>
          </fieldset>
          <DebouncedField label="Currency" pattern="[A-Z]{3}" problem="Enter an ISO 4217 code, such as USD" value={currency} onChange={(value) => { onChange({ currency: value }); }} />
          <DebouncedField label="Minimum total" inputMode="decimal" pattern={AMOUNT} problem={AMOUNT_PROBLEM} disabled={!currency} value={min} onChange={(value) => { onChange({ min: value }); }} />
          <DebouncedField label="Maximum total" inputMode="decimal" pattern={AMOUNT} problem={AMOUNT_PROBLEM} disabled={!currency} value={max} onChange={(value) => { onChange({ max: value }); }} />
          <TextField label="Created from" type="date" value={from} onChange={(event) => { onChange({ from: event.target.value }); }} />
          <TextField label="Created to" type="date" value={to} onChange={(event) => { onChange({ to: event.target.value }); }} />
        </div>
      </details>
    </search>
  );
}
