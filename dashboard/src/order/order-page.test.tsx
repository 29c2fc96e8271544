// @vitest-environment happy-dom
import { cleanup, screen } from "@testing-library/react";
import { Route, Routes } from "react-router";
import { afterEach, expect, test, vi } from "vitest";

import type { ActorKind } from "../generated/graphql";
import { eventFixture, orderFixture } from "../testing/fixtures";
import { FakeApi } from "../testing/fake-api";
import { OrderPage } from "./order-page";

afterEach(cleanup);

const timeline = () => [...document.querySelectorAll("li[data-sequence]")].map((item) => Number(item.getAttribute("data-sequence")));

/** Render the page of an order with this many stored events, and wait for its subscription. */
async function open(stored: number): Promise<FakeApi> {
  const nodes = Array.from({ length: stored }, (_, index) => eventFixture(index + 1));
  const events = { __typename: "OrderEventConnection", nodes };
  const api = new FakeApi({ Order: () => ({ order: orderFixture({ events }) }) });
  api.render(<Routes><Route path="/orders/:id" element={<OrderPage />} /></Routes>, "/orders/tea-1");
  await screen.findByRole("heading", { name: "tea-1" });
  await vi.waitFor(() => { expect(api.subscription("OrderEvents")).toBeDefined(); });
  return api;
}

test("the subscription starts after the last event that was loaded", async () => {
  const api = await open(2);
  expect(timeline()).toEqual([1, 2]);
  expect(api.subscription("OrderEvents")).toEqual({ orderId: "tea-1", afterSequence: 2 });
});

test("streamed events are merged into the timeline by sequence without duplicates", async () => {
  const api = await open(2);
  for (const sequence of [3, 2, 3, 5, 4, 5]) api.push("OrderEvents", { orderEvents: eventFixture(sequence) });
  expect(timeline()).toEqual([1, 2, 3, 4, 5]);
});

test("an event shows who sent its command", async () => {
  const api = await open(1);
  const actor = (id: string, kind: ActorKind, name: string | null) => ({ __typename: "Actor" as const, id, kind, name });
  const senders = [actor("u-1", "USER", "Ada Lovelace"), actor("k-1", "API_KEY", "warehouse"), actor("u-1", "USER", null)];
  for (const [index, sender] of senders.entries()) {
    api.push("OrderEvents", { orderEvents: eventFixture(index + 2, { commandId: "c", actor: sender }) });
  }
  const lines = [...document.querySelectorAll("li[data-sequence]")].map(({ textContent }) => textContent);
  expect(lines[0]).not.toContain(" by ");
  expect(lines.slice(1).map((line) => line.split(" · command c ")[1])).toEqual(["by Ada Lovelace (u-1)", "by API key warehouse (k-1)", "by u-1"]);
});

test("a new event is announced to screen readers", async () => {
  const api = await open(0);
  api.push("OrderEvents", { orderEvents: eventFixture(1) });
  expect(screen.getAllByRole("status").map(({ textContent }) => textContent)).toContain("Event 1. Received");
});

test("a change of state updates the badge, the current step and the commands", async () => {
  const api = await open(1);
  api.push("OrderProgress", { orderProgress: orderFixture({ state: "CANCELLED", sequence: 4, availableCommands: [] }) });
  await screen.findByRole("heading", { name: "Ended" });
  screen.getByText("No commands are available to you in this state.");
  expect(document.querySelector("h1 ~ span [data-state]")?.getAttribute("data-state")).toBe("CANCELLED");
});
