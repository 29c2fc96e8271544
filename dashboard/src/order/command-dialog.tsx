import { useRef, useState, type SubmitEvent } from "react";
import { useClient, type CombinedError } from "urql";

import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { AddressFields } from "../ui/address-fields";
import { Dialog } from "../ui/dialog";
import { TextField, type FieldErrors } from "../ui/field";
import { newIdentifier } from "../ui/identifier";
import { errorsByField, useFocusOnInvalid } from "../ui/invalid-fields";
import { Notice, errorMessage } from "../ui/notice";
import { COMMAND_LABELS } from "../ui/format";
import { sendCommand } from "./send-command";
import type { OrderOnPage } from "./use-live-order";

const CONSEQUENCES: Record<OrderCommand, string> = {
  APPROVE: "The payment is charged next.",
  REJECT: "The order ends without a charge, and its failure shows the reason. This cannot be undone.",
  UPDATE_ADDRESS: "Changes the shipping address. Refused once shipping has started.",
  CONFIRM_DELIVERY: "Records that the customer has received the order, and completes it.",
  CANCEL: "The order ends without a charge. This cannot be undone.",
  CANCEL_PAYMENT: "The payment is voided or refunded, the shipment is recalled and the order ends. This cannot be undone.",
};

interface CommandDialogProps {
  order: OrderOnPage;
  command: OrderCommand;
  onClose: () => void;
  onVerdict: (verdict: VerdictFragment) => void;
}

/** Confirms a command and collects its input. Every attempt uses the same command ID, so a retry takes effect once. */
export function CommandDialog({ order, command, onClose, onVerdict }: CommandDialogProps) {
  const client = useClient();
  const form = useRef<HTMLFormElement>(null);
  const [commandId] = useState(() => newIdentifier("web"));
  const [sending, setSending] = useState(false);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<CombinedError>();
  useFocusOnInvalid(form, errors);

  const submit = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setSending(true);
    const { verdict, error } = await sendCommand(client, command, { orderId: order.id, commandId }, data);
    setSending(false);
    setFailure(error);
    if (!verdict) return;
    const invalid = verdict.__typename === "InvalidInput" ? errorsByField(verdict.fields) : {};
    setErrors(invalid);
    if (Object.keys(invalid).length === 0) onVerdict(verdict);
  };

  return (
    <Dialog title={`${COMMAND_LABELS[command]} · ${order.id}`} onClose={onClose}>
      <form ref={form} className="grid gap-4" onSubmit={(event) => { void submit(event); }}>
        <p className="text-sm">{CONSEQUENCES[command]}</p>
        {command === "APPROVE" && <TextField label="Note for the audit trail (optional)" name="note" error={errors["note"]} />}
        {command === "REJECT" && <TextField label="Reason" name="reason" required error={errors["reason"]} />}
        {(command === "CANCEL" || command === "CANCEL_PAYMENT") && (
          <TextField label="Reason for the audit trail (optional)" name="reason" error={errors["reason"]} />
        )}
        {command === "UPDATE_ADDRESS" && <AddressFields path="address" address={order.shippingAddress} errors={errors} />}
        {failure && <Notice tone="error">{errorMessage(failure)} It is safe to retry: the command takes effect only once.</Notice>}
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>Close</button>
          <button type="submit" className="button button-primary" disabled={sending}>{sending ? "Sending…" : COMMAND_LABELS[command]}</button>
        </div>
      </form>
    </Dialog>
  );
}
