import type { Sink } from "graphql-ws";
import { expect, test } from "vitest";

import { resuming } from "./resuming";

function watched(variables: Record<string, unknown>) {
  const seen: unknown[] = [];
  const sink: Sink = { next: (value) => seen.push(value), error: () => undefined, complete: () => undefined };
  return { seen, ...resuming({ query: "subscription", variables }, sink) };
}

const event = (sequence: number) => ({ data: { orderEvents: { sequence } } });

test("what is sent again after a lost connection asks for what comes after the last event", () => {
  const { payload, sink } = watched({ orderId: "o", afterSequence: 0 });
  sink.next(event(1));
  sink.next(event(2));
  expect(payload.variables).toEqual({ orderId: "o", afterSequence: 2 });
});

test("an event that arrives twice is passed on once", () => {
  const { seen, sink } = watched({ orderId: "o", afterSequence: 1 });
  sink.next(event(1));
  sink.next(event(2));
  sink.next(event(2));
  expect(seen).toEqual([event(2)]);
});

test("a feed goes on after its last cursor", () => {
  const { payload, sink } = watched({ filter: null, after: "a" });
  sink.next({ data: { orderFeed: { id: "o/1", feedCursor: "b" } } });
  expect(payload.variables).toEqual({ filter: null, after: "b" });
});

test("the variables of whoever subscribed stay as they were", () => {
  const mine = { orderId: "o", afterSequence: 0 };
  watched(mine).sink.next(event(1));
  expect(mine.afterSequence).toBe(0);
});

test("an answer with errors is passed on", () => {
  const { seen, sink } = watched({});
  const answer = { data: null };
  sink.next(answer);
  expect(seen).toEqual([answer]);
});
