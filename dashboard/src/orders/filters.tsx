import { useState } from "react";

import { CustomerPicker } from "../customers/customer-picker";
import type { OrderSortField } from "../generated/graphql";
import { DebouncedField } from "../ui/debounced-field";
import { SelectField } from "../ui/field";
import { enumLabel } from "../ui/format";
import { toggled } from "../ui/use-url-search";
import { AMOUNT, PRIORITIES, type ChangeFilters, type OrderSearch } from "./search";

const AMOUNT_PROBLEM = "Enter an amount, such as 249.90";

interface FiltersProps {
  search: OrderSearch;
  onChange: ChangeFilters;
}

const SORTS: readonly (readonly [OrderSortField, string, string])[] = [
  ["CREATED_AT", "Newest first", "Oldest first"],
  ["UPDATED_AT", "Last event, newest first", "Last event, oldest first"],
  ["TOTAL", "Total, highest first", "Total, lowest first"],
];

export function Filters({ search, onChange }: FiltersProps) {
  const set = (part: Partial<OrderSearch>) => { onChange(() => part); };
  const { customerId, priorities, currency, min, max, from, to } = search;
  const active = [customerId, currency, from || to, priorities.length > 0].filter(Boolean).length;
  const [open, setOpen] = useState(active > 0);
  return (
    <search className="card mb-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <DebouncedField label="Customer name" type="search" value={search.customerName} onChange={(customerName) => { set({ customerName }); }} />
        <SelectField
          label="Sort by"
          value={`${search.sort} ${search.ascending ? "ASC" : "DESC"}`}
          onChange={(event) => {
            const [sort, direction] = event.target.value.split(" ");
            set({ sort: sort as OrderSortField, ascending: direction === "ASC" });
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
            <CustomerPicker label="Customer" customerId={customerId} onPick={(customer) => { set({ customerId: customer?.id ?? "" }); }} />
          </div>
          <fieldset className="col-span-2">
            <legend className="label">Priority</legend>
            <div className="flex flex-wrap gap-1.5">
              {PRIORITIES.map((priority) => (
                <button
                  key={priority}
                  type="button"
                  aria-pressed={priorities.includes(priority)}
                  className="chip"
                  onClick={() => { onChange((latest) => ({ priorities: toggled(latest.priorities, priority) })); }}
                >
                  {enumLabel(priority)}
                </button>
              ))}
            </div>
          </fieldset>
          <DebouncedField label="Currency" pattern="[A-Z]{3}" problem="Enter an ISO 4217 code, such as USD" value={currency} onChange={(value) => { set({ currency: value }); }} />
          <DebouncedField label="Minimum total" inputMode="decimal" pattern={AMOUNT} problem={AMOUNT_PROBLEM} disabled={!currency} value={min} onChange={(value) => { set({ min: value }); }} />
          <DebouncedField label="Maximum total" inputMode="decimal" pattern={AMOUNT} problem={AMOUNT_PROBLEM} disabled={!currency} value={max} onChange={(value) => { set({ max: value }); }} />
          <DebouncedField label="Created from" type="date" value={from} onChange={(value) => { set({ from: value }); }} />
          <DebouncedField label="Created to" type="date" value={to} onChange={(value) => { set({ to: value }); }} />
        </div>
      </details>
    </search>
  );
}
