import { useId, useState, type KeyboardEvent } from "react";
import { useQuery } from "urql";

import type { CustomerRowFragment } from "../generated/graphql";
import { Field } from "../ui/field";
import { useLatestDefined, useDebounced } from "../ui/hooks";
import { CUSTOMER, CUSTOMERS } from "./operations";

const MAX_RESULTS = 8;

interface CustomerPickerProps {
  label: string;
  customerId: string;
  error?: string | undefined;
  onPick: (customer: CustomerRowFragment | null) => void;
}

/** Search for a customer by any part of the name or email. Follows the ARIA combobox pattern. */
export function CustomerPicker({ label, customerId, error, onPick }: CustomerPickerProps) {
  const list = useId();
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(0);
  const open = typed !== undefined;
  const search = useDebounced(typed ?? "", 200);
  const [{ data: picked }] = useQuery({ query: CUSTOMER, variables: { id: customerId }, pause: customerId === "", requestPolicy: "cache-first" });
  const [{ data, error: failure }] = useQuery({ query: CUSTOMERS, variables: { search, first: MAX_RESULTS }, pause: !open });
  const found = useLatestDefined(data)?.customers?.nodes ?? [];

  const pick = (customer: CustomerRowFragment | null) => {
    setTyped(undefined);
    onPick(customer);
  };
  const type = (text: string) => {
    setTyped(text);
    setActive(0);
  };
  const handleKey = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) type("");
      else setActive((now) => Math.max(0, Math.min(found.length - 1, now + (event.key === "ArrowDown" ? 1 : -1))));
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      const customer = found[active];
      if (customer) pick(customer);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      setTyped(undefined);
    }
  };

  const name = customerId === "" ? "" : (picked?.customer?.name ?? customerId);
  return (
    <div className="relative">
      <Field label={label} error={error}>
        {(control) => (
          <div className="flex gap-2">
            <input
              {...control}
              type="text"
              role="combobox"
              autoComplete="off"
              className="input"
              placeholder="Name or email"
              aria-expanded={open}
              aria-controls={list}
              aria-activedescendant={open && found.length > 0 ? `${list}-${active}` : undefined}
              value={typed ?? name}
              onChange={(event) => { type(event.target.value); }}
              onClick={() => { if (!open) type(""); }}
              onBlur={() => { setTyped(undefined); }}
              onKeyDown={handleKey}
            />
            {customerId !== "" && <button type="button" className="button" onClick={() => { pick(null); }}>Clear<span className="sr-only"> customer</span></button>}
          </div>
        )}
      </Field>
      <div
        id={list}
        role="listbox"
        aria-label="Matching customers"
        hidden={!open}
        className="absolute z-10 mt-1 max-h-72 w-full overflow-auto rounded-lg border border-slate-300 bg-white py-1 text-sm shadow-lg dark:border-slate-700 dark:bg-slate-900"
      >
        {found.map((customer, index) => (
          // The input keeps the focus and handles the keys.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div
            key={customer.id}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className="cursor-pointer px-3 py-1.5 aria-selected:bg-indigo-100 dark:aria-selected:bg-indigo-950"
            onMouseDown={(event) => { event.preventDefault(); }}
            onMouseEnter={() => { setActive(index); }}
            onClick={() => { pick(customer); }}
          >
            {customer.name} <span className="muted">{customer.email}</span>
          </div>
        ))}
        {open && found.length === 0 && (
          <div role="option" aria-selected="false" aria-disabled="true" className="muted px-3 py-1.5">
            {failure ? "Customers could not be loaded. Try again in a moment." : "No customers match."}
          </div>
        )}
      </div>
    </div>
  );
}
