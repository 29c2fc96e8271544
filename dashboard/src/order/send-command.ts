import type { Client, CombinedError } from "urql";

import type { OrderCommand, VerdictFragment } from "../generated/graphql";
import { addressFrom } from "../ui/address-fields";
import { APPROVE, CANCEL, CANCEL_PAYMENT, CONFIRM_DELIVERY, UPDATE_ADDRESS } from "./command-operations";

interface Target {
  orderId: string;
  commandId: string;
}

interface Answer {
  verdict: VerdictFragment | undefined;
  error: CombinedError | undefined;
}

/** Send the mutation of a command with what its form says. */
export async function sendCommand(client: Client, command: OrderCommand, target: Target, given: FormData): Promise<Answer> {
  const { data, error } = await mutate(client, command, target, given);
  return { verdict: data?.verdict ?? undefined, error };
}

async function mutate(client: Client, command: OrderCommand, target: Target, given: FormData) {
  switch (command) {
    case "APPROVE":
      return client.mutation(APPROVE, { input: { ...target, note: textOf(given, "note") } });
    case "CANCEL":
      return client.mutation(CANCEL, { input: { ...target, reason: textOf(given, "reason") } });
    case "CANCEL_PAYMENT":
      return client.mutation(CANCEL_PAYMENT, { input: { ...target, reason: textOf(given, "reason") } });
    case "CONFIRM_DELIVERY":
      return client.mutation(CONFIRM_DELIVERY, { input: target });
    case "UPDATE_ADDRESS":
      return client.mutation(UPDATE_ADDRESS, { input: { ...target, address: addressFrom(given, "address") } });
  }
}

function textOf(given: FormData, name: string): string | null {
  const value = given.get(name);
  return typeof value === "string" && value.trim() !== "" ? value : null;
}
