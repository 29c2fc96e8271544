import { expect, test } from "vitest";

import { inSentence } from "./verdict";

const said = { orderId: "o", commandId: "c", command: "APPROVE", order: null } as const;

test("a refusal says in which state, and the API's own words", () => {
  const verdict = { __typename: "CommandRefused", ...said, message: "Too late.", state: "PAID" } as const;
  expect(inSentence("APPROVE", verdict)).toEqual({ tone: "problem", text: "Approve: refused while Paid. Too late." });
});

test("pending is no failure", () => {
  expect(inSentence("CANCEL", { __typename: "CommandPending", ...said }).tone).toBe("wait");
});

test("a repeated sending says so", () => {
  const verdict = { __typename: "CommandApplied", ...said, replayed: true } as const;
  expect(inSentence("APPROVE", verdict).text).toBe("Approve: done, by an earlier sending.");
});
