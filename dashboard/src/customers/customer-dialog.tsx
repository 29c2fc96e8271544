import { useRef, useState, type SubmitEvent } from "react";
import { useMutation, type CombinedError } from "urql";

import type { CustomerRowFragment } from "../generated/graphql";
import { Dialog } from "../ui/dialog";
import type { FieldErrors } from "../ui/field";
import { newIdentifier } from "../ui/identifier";
import { useFocusOnInvalid } from "../ui/invalid-fields";
import { Notice, errorMessage } from "../ui/notice";
import { CustomerFields, readCustomer } from "./customer-fields";
import { CREATE_CUSTOMER, UPDATE_CUSTOMER } from "./operations";
import { customerErrors } from "./field-errors";

interface CustomerDialogProps {
  /** Undefined to create a customer. */
  customer?: CustomerRowFragment;
  onClose: () => void;
  onSaved: (customer: CustomerRowFragment) => void;
}

export function CustomerDialog({ customer, onClose, onSaved }: CustomerDialogProps) {
  const form = useRef<HTMLFormElement>(null);
  const [id] = useState(() => customer?.id ?? newIdentifier("customer"));
  const [creating, create] = useMutation(CREATE_CUSTOMER);
  const [updating, update] = useMutation(UPDATE_CUSTOMER);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<CombinedError>();
  useFocusOnInvalid(form, errors);
  const saving = creating.fetching || updating.fetching;

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = { id, ...readCustomer(new FormData(event.currentTarget)) };
    const created = customer ? undefined : await create({ input });
    const updated = customer ? await update({ input }) : undefined;
    setFailure(created?.error ?? updated?.error);
    const result = created?.data?.createCustomer ?? updated?.data?.updateCustomer;
    if (!result) return;
    if (result.__typename === "CustomerSaved") {
      onSaved(result.customer);
      return;
    }
    setErrors(customerErrors(result));
  };

  return (
    <Dialog title={customer ? `Edit ${customer.name}` : "New customer"} onClose={onClose}>
      <form ref={form} className="grid gap-4" onSubmit={(event) => { void submit(event); }}>
        <CustomerFields {...(customer && { customer })} errors={errors} />
        {errors[""] && <Notice tone="error">{errors[""]}</Notice>}
        {failure && <Notice tone="error">{errorMessage(failure)}</Notice>}
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button type="submit" className="button button-primary" disabled={saving}>{saving ? "Saving…" : "Save"}</button>
        </div>
      </form>
    </Dialog>
  );
}
