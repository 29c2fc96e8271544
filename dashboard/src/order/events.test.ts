import { expect, test } from "vitest";

import type { EventLineFragment } from "../generated/graphql";
import { withEvents } from "./events";

const event = (sequence: number): EventLineFragment => ({
  id: `o/${sequence}`, orderId: "o", sequence, type: "OTHER", message: "", commandId: null,
  fromState: null, state: "PLACED", payload: {}, at: "2026-01-01T00:00:00Z",
});
const sequences = (events: readonly EventLineFragment[]) => events.map((one) => one.sequence);

test("events come in the order in which they happened, however they arrive", () => {
  expect(sequences(withEvents([event(1), event(4)], [event(3), event(2)]))).toEqual([1, 2, 3, 4]);
});

test("an event that is known is not added again", () => {
  const known = [event(1), event(2)];
  expect(withEvents(known, [event(2), event(1)])).toBe(known);
});
