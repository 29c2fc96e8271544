import { useRef, useState, type SubmitEvent } from "react";
import { useNavigate } from "react-router";

import { CustomerFields } from "../customers/customer-fields";
import { CustomerPicker } from "../customers/customer-picker";
import { PRIORITIES } from "../orders/search";
import { MissingScopes } from "../session/missing-scopes";
import { useMay } from "../session/session";
import { AddressFields } from "../ui/address-fields";
import { SelectField, TextField } from "../ui/field";
import { useTitle } from "../ui/hooks";
import { useFocusOnInvalid } from "../ui/invalid-fields";
import { Notice } from "../ui/notice";
import { enumLabel } from "../ui/format";
import { ItemFields } from "./item-fields";
import { PolicyFields } from "./policy-fields";
import { NEW_CUSTOMER, useStartOrder } from "./use-start-order";

export function NewOrderPage() {
  useTitle("New order");
  const may = { start: useMay("orders:start"), findCustomers: useMay("customers:read"), addCustomers: useMay("customers:write") };
  const navigate = useNavigate();
  const form = useRef<HTMLFormElement>(null);
  const [lines, setLines] = useState(1);
  const [isNew, setIsNew] = useState(false);
  const [customerId, setCustomerId] = useState("");
  const { errors, failure, sending, start } = useStartOrder();
  useFocusOnInvalid(form, errors);

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const outcome = await start(new FormData(event.currentTarget), lines, isNew ? NEW_CUSTOMER : customerId);
    if (outcome.customerId !== undefined) {
      setCustomerId(outcome.customerId);
      setIsNew(false);
    }
    if (outcome.orderId !== undefined) await navigate(`/orders/${encodeURIComponent(outcome.orderId)}`);
  };

  const missing = [...(may.start ? [] : ["orders:start"]), ...(may.findCustomers ? [] : ["customers:read"])];
  if (missing.length > 0) return <MissingScopes missing={missing.map((scope) => ({ scopes: [scope] }))} />;
  return (
    <form ref={form} className="mx-auto grid max-w-3xl gap-4" onSubmit={(event) => { void submit(event); }}>
      <h1>New order</h1>
      <fieldset className="card">
        <legend className="sr-only">Customer</legend>
        <h2 className="mb-3" aria-hidden="true">Customer</h2>
        <div className="mb-3 flex flex-wrap gap-4 text-sm">
          <label className="flex items-center gap-2"><input type="radio" name="customerSource" checked={!isNew} onChange={() => { setIsNew(false); }} />Existing customer</label>
          {may.addCustomers && <label className="flex items-center gap-2"><input type="radio" name="customerSource" checked={isNew} onChange={() => { setIsNew(true); }} />New customer</label>}
        </div>
        {isNew ? <CustomerFields path="customer." errors={errors} /> : (
          <CustomerPicker label="Customer" customerId={customerId} error={errors["customerId"]} onPick={(customer) => { setCustomerId(customer?.id ?? ""); }} />
        )}
      </fieldset>
      <fieldset className="card">
        <legend className="sr-only">Items</legend>
        <h2 className="mb-3" aria-hidden="true">Items</h2>
        <ItemFields errors={errors} onCountChange={setLines} />
        <div className="mt-4 grid grid-cols-2 gap-3 sm:grid-cols-3">
          <TextField label="Currency" name="currency" hint="Three-letter code for all prices, such as USD" error={errors["currency"]} />
          <SelectField label="Priority" name="priority" defaultValue="NORMAL" error={errors["priority"]}>
            {PRIORITIES.map((priority) => <option key={priority} value={priority}>{enumLabel(priority)}</option>)}
          </SelectField>
        </div>
      </fieldset>
      <fieldset className="card">
        <legend className="sr-only">Ships to</legend>
        <h2 className="mb-3" aria-hidden="true">Ships to</h2>
        <AddressFields path="shippingAddress" errors={errors} />
      </fieldset>
      <details className="card" open={Object.keys(errors).some((name) => /^(id$|paymentId|policy)/.test(name))}>
        <summary className="w-fit cursor-pointer font-semibold">Policy and IDs</summary>
        <PolicyFields errors={errors} />
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          <TextField label="Order ID (optional)" name="id" hint="Generated if empty" autoComplete="off" error={errors["id"]} />
          <TextField label="Payment ID (optional)" name="paymentId" hint="Derived from the order ID if empty" autoComplete="off" error={errors["paymentId"]} />
        </div>
      </details>
      {failure && <Notice tone="error">{failure}</Notice>}
      <div><button type="submit" className="button button-primary" disabled={sending}>{sending ? "Starting…" : "Start order"}</button></div>
    </form>
  );
}
