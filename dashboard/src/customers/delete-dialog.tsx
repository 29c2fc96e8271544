import { useState } from "react";
import { useMutation } from "urql";

import type { CustomerRowFragment } from "../generated/graphql";
import { Dialog } from "../ui/dialog";
import { Notice, errorMessage } from "../ui/notice";
import { DELETE_CUSTOMER } from "./operations";

interface DeleteDialogProps {
  customer: CustomerRowFragment;
  onClose: () => void;
  onDeleted: () => void;
}

export function DeleteDialog({ customer, onClose, onDeleted }: DeleteDialogProps) {
  const [{ fetching, error }, remove] = useMutation(DELETE_CUSTOMER);
  const [refusal, setRefusal] = useState<string>();

  const confirm = async () => {
    const { data } = await remove({ input: { id: customer.id } });
    const result = data?.deleteCustomer;
    if (!result) return;
    if (result.__typename === "CustomerDeleted") onDeleted();
    else setRefusal(result.message);
  };

  return (
    <Dialog title={`Delete ${customer.name}?`} onClose={onClose}>
      <div className="grid gap-4">
        <p className="text-sm">This cannot be undone. A customer who has orders cannot be deleted.</p>
        {refusal && <Notice tone="error">{refusal}</Notice>}
        {error && <Notice tone="error">{errorMessage(error)}</Notice>}
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>Cancel</button>
          <button type="button" className="button button-danger" disabled={fetching || refusal !== undefined} onClick={() => { void confirm(); }}>
            {fetching ? "Deleting…" : "Delete"}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
