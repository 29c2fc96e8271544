// @vitest-environment happy-dom
import { cleanup, screen } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";

import { anEvent, anOrder } from "../testing/an-order";
import { FakeApi } from "../testing/fake-api";
import { OrderPage } from "./order-page";

afterEach(cleanup);

const timeline = () => [...document.querySelectorAll("li[data-sequence]")].map((item) => Number(item.getAttribute("data-sequence")));

/** The page of an order of which this many events are on record, once it is watched. */
async function open(recorded: number): Promise<FakeApi> {
  const nodes = Array.from({ length: recorded }, (_, index) => anEvent(index + 1));
  const events = { __typename: "OrderEventConnection", nodes };
  const api = new FakeApi({ Order: () => ({ order: anOrder({ events }) }) });
  api.render(<Routes><Route path="/orders/:id" element={<OrderPage />} /></Routes>, "/orders/tea-1");
  await screen.findByRole("heading", { name: "tea-1" });
  await vi.waitFor(() => { expect(api.watched("OrderEvents")).toBeDefined(); });
  return api;
}

test("a timeline is watched from where it was read", async () => {
  const api = await open(2);
  expect(timeline()).toEqual([1, 2]);
  expect(api.watched("OrderEvents")).toEqual({ orderId: "tea-1", afterSequence: 2 });
});

test("events that arrive join those that were read, each once, in the order in which they happened", async () => {
  const api = await open(2);
  for (const sequence of [3, 2, 3, 5, 4, 5]) api.tell("OrderEvents", { orderEvents: anEvent(sequence) });
  expect(timeline()).toEqual([1, 2, 3, 4, 5]);
});

test("an event that arrives is told to a screen reader", async () => {
  const api = await open(0);
  api.tell("OrderEvents", { orderEvents: anEvent(1) });
  expect(screen.getAllByRole("status").map(({ textContent }) => textContent)).toContain("Event 1. Received");
});

test("what the order has become is shown wherever it stands, its commands too", async () => {
  const api = await open(1);
  api.tell("OrderProgress", { orderProgress: anOrder({ state: "CANCELLED", sequence: 4, availableCommands: [] }) });
  await screen.findByRole("heading", { name: "Ended" });
  screen.getByText("The order takes no command now.");
  expect(document.querySelector("h1 ~ span [data-state]")?.getAttribute("data-state")).toBe("CANCELLED");
});
