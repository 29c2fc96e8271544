import { useRef, useState, type SubmitEvent } from "react";
import { useClient, type CombinedError } from "urql";

import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { AddressFields } from "../ui/address-fields";
import { Dialog } from "../ui/dialog";
import { TextField, type FieldErrors } from "../ui/field";
import { newIdentifier } from "../ui/identifier";
import { byField, useFocusOnInvalid } from "../ui/invalid-fields";
import { Notice, inWordsOf } from "../ui/notice";
import { COMMAND_NAMES } from "../ui/words";
import { sendCommand } from "./send-command";
import type { OrderOnPage } from "./use-live-order";

const CONSEQUENCES: Record<OrderCommand, string> = {
  APPROVE: "The order goes on to its charge.",
  UPDATE_ADDRESS: "The order goes elsewhere, as long as its shipping has not started.",
  CONFIRM_DELIVERY: "The customer has it: the order is completed.",
  CANCEL: "The order is stopped and never charged. This cannot be taken back.",
  CANCEL_PAYMENT: "The payment is voided or refunded, shipping is recalled, and the order is stopped. This cannot be taken back.",
};

interface CommandDialogProps {
  order: OrderOnPage;
  command: OrderCommand;
  onClose: () => void;
  onVerdict: (verdict: VerdictFragment) => void;
}

/** Asks what a command needs to know, and whether it is meant. One id for all tries: it is done once. */
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
    const given = new FormData(event.currentTarget);
    setSending(true);
    const { verdict, error } = await sendCommand(client, command, { orderId: order.id, commandId }, given);
    setSending(false);
    setFailure(error);
    if (!verdict) return;
    const invalid = verdict.__typename === "InvalidInput" ? byField(verdict.fields) : {};
    setErrors(invalid);
    if (Object.keys(invalid).length === 0) onVerdict(verdict);
  };

  return (
    <Dialog title={`${COMMAND_NAMES[command]} · ${order.id}`} onClose={onClose}>
      <form ref={form} className="grid gap-4" onSubmit={(event) => { void submit(event); }}>
        <p className="text-sm">{CONSEQUENCES[command]}</p>
        {command === "APPROVE" && <TextField label="Note for the audit trail (optional)" name="note" error={errors["note"]} />}
        {(command === "CANCEL" || command === "CANCEL_PAYMENT") && (
          <TextField label="Reason for the audit trail (optional)" name="reason" error={errors["reason"]} />
        )}
        {command === "UPDATE_ADDRESS" && <AddressFields path="address" address={order.shippingAddress} errors={errors} />}
        {failure && <Notice tone="problem">{inWordsOf(failure)} Sending it again is safe: it is done once.</Notice>}
        <div className="flex flex-wrap justify-end gap-2">
          <button type="button" className="button" onClick={onClose}>Do nothing</button>
          <button type="submit" className="button button-primary" disabled={sending}>{sending ? "Sending …" : COMMAND_NAMES[command]}</button>
        </div>
      </form>
    </Dialog>
  );
}
