import { expect, test } from "vitest";

import { describeVerdict } from "./verdict";

const command = { orderId: "o", commandId: "c", command: "APPROVE", order: null } as const;

test("a refusal names the state and gives the message of the API", () => {
  const verdict = { __typename: "CommandRefused", ...command, reason: "WRONG_STATE", message: "Too late.", state: "PAID" } as const;
  expect(describeVerdict("APPROVE", verdict)).toEqual({ tone: "error", text: "Approve: refused in state Paid. Too late." });
});

test("a pending command is shown as a warning, not an error", () => {
  expect(describeVerdict("CANCEL", { __typename: "CommandPending", ...command }).tone).toBe("warning");
});

test("a replayed command names the earlier request", () => {
  const verdict = { __typename: "CommandApplied", ...command, replayed: true } as const;
  expect(describeVerdict("APPROVE", verdict).text).toBe("Approve: done by an earlier request.");
});
