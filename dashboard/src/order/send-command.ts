import type { Client, CombinedError } from "urql";

import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { readAddress } from "../ui/address-fields";
import { APPROVE, CANCEL, CANCEL_PAYMENT, CONFIRM_DELIVERY, REJECT, UPDATE_ADDRESS } from "./command-operations";

interface Target {
  orderId: string;
  commandId: string;
}

interface CommandResult {
  verdict: VerdictFragment | undefined;
  error: CombinedError | undefined;
}

export async function sendCommand(client: Client, command: OrderCommand, target: Target, form: FormData): Promise<CommandResult> {
  const { data, error } = await mutate(client, command, target, form);
  return { verdict: data?.verdict ?? undefined, error };
}

async function mutate(client: Client, command: OrderCommand, target: Target, form: FormData) {
  switch (command) {
    case "APPROVE":
      return client.mutation(APPROVE, { input: { ...target, note: readText(form, "note") } });
    case "REJECT":
      return client.mutation(REJECT, { input: { ...target, reason: readText(form, "reason") ?? "" } });
    case "CANCEL":
      return client.mutation(CANCEL, { input: { ...target, reason: readText(form, "reason") } });
    case "CANCEL_PAYMENT":
      return client.mutation(CANCEL_PAYMENT, { input: { ...target, reason: readText(form, "reason") } });
    case "CONFIRM_DELIVERY":
      return client.mutation(CONFIRM_DELIVERY, { input: target });
    case "UPDATE_ADDRESS":
      return client.mutation(UPDATE_ADDRESS, { input: { ...target, address: readAddress(form, "address") } });
  }
}

function readText(form: FormData, name: string): string | null {
  const value = form.get(name);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}
