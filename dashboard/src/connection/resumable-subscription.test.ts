import type { Sink } from "graphql-ws";
import { expect, test } from "vitest";

import { resumableSubscription } from "./resumable-subscription";

function subscribe(variables: Record<string, unknown>) {
  const seen: unknown[] = [];
  const sink: Sink = { next: (value) => seen.push(value), error: () => undefined, complete: () => undefined };
  return { seen, ...resumableSubscription({ query: "subscription", variables }, sink) };
}

const event = (sequence: number) => ({ data: { orderEvents: { sequence } } });

test("a resent subscription asks for events after the last one received", () => {
  const { payload, sink } = subscribe({ orderId: "o", afterSequence: 0 });
  sink.next(event(1));
  sink.next(event(2));
  expect(payload.variables).toEqual({ orderId: "o", afterSequence: 2 });
});

test("an event that arrives twice is delivered once", () => {
  const { seen, sink } = subscribe({ orderId: "o", afterSequence: 1 });
  sink.next(event(1));
  sink.next(event(2));
  sink.next(event(2));
  expect(seen).toEqual([event(2)]);
});

test("a resent feed continues after its last cursor", () => {
  const { payload, sink } = subscribe({ filter: null, after: "a" });
  sink.next({ data: { orderFeed: { id: "o/1", feedCursor: "b" } } });
  expect(payload.variables).toEqual({ filter: null, after: "b" });
});

test("the variables object of the caller is not modified", () => {
  const variables = { orderId: "o", afterSequence: 0 };
  subscribe(variables).sink.next(event(1));
  expect(variables.afterSequence).toBe(0);
});

test("a result without data is delivered", () => {
  const { seen, sink } = subscribe({});
  const answer = { data: null };
  sink.next(answer);
  expect(seen).toEqual([answer]);
});
