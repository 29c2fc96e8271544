import { expect, test } from "vitest";

import type { EventLineFragment } from "../generated/graphql";
import { mergeEvents } from "./merge-events";

const event = (sequence: number): EventLineFragment => ({
  id: `o/${sequence}`, orderId: "o", sequence, type: "OTHER", message: "", commandId: null, actor: null,
  fromState: null, state: "PLACED", detail: null, at: "2026-01-01T00:00:00Z",
});
const sequences = (events: readonly EventLineFragment[]) => events.map(({ sequence }) => sequence);

test("events are sorted by sequence, whatever their order of arrival", () => {
  expect(sequences(mergeEvents([event(1), event(4)], [event(3), event(2)]))).toEqual([1, 2, 3, 4]);
});

test("events that are already known are not added again", () => {
  const known = [event(1), event(2)];
  expect(mergeEvents(known, [event(2), event(1)])).toBe(known);
});
