// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { FakeApi } from "../testing/fake-api";
import { OrdersPage } from "./orders-page";

beforeEach(() => { vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true }); });
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const GRACE = { __typename: "Customer", id: "grace", name: "Grace Hopper", email: "grace@example.org", phone: null, createdAt: "2026-01-01T12:00:00Z" };
const NO_PAGES = { __typename: "PageInfo", hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };

function newApi(): FakeApi {
  const stateCounts = ["PAID", "FAILED"].map((state) => ({ __typename: "OrderStateCount", state, count: 1 }));
  return new FakeApi({
    Orders: () => ({ orders: { __typename: "OrderConnection", nodes: [], pageInfo: NO_PAGES, stateCounts, feedCursor: "start" } }),
    Customers: () => ({ customers: { __typename: "CustomerConnection", nodes: [GRACE], totalCount: 1, pageInfo: NO_PAGES } }),
    Customer: () => ({ customer: GRACE }),
  });
}

const name = () => screen.getByLabelText<HTMLInputElement>("Customer name");
const type = (field: HTMLElement, value: string) => { fireEvent.change(field, { target: { value } }); };
const untilTypingStopped = () => { vi.advanceTimersByTime(300); };

test("two filters changed before the page is drawn again are both applied", async () => {
  newApi().render(<OrdersPage />, "/?priority=HIGH");
  const [paid, failed] = await Promise.all([screen.findByText("Paid"), screen.findByText("Failed")]);

  act(() => {
    paid.click();
    failed.click();
    screen.getByText("High").click();
    screen.getByText("Urgent").click();
  });

  expect(window.location.search).toBe("?state=PAID&state=FAILED&priority=URGENT");
  expect(screen.getByText("Urgent").getAttribute("aria-pressed")).toBe("true");
});

test("a customer picked while the cleared name is reported replaces the name", async () => {
  const api = newApi();
  api.render(<OrdersPage />, "/?name=hopper&state=PAID");
  await screen.findByText("Paid");
  fireEvent.click(screen.getByLabelText("Customer"));
  const option = await screen.findByText("Grace Hopper");
  type(name(), "");

  act(() => {
    untilTypingStopped();
    option.click();
  });

  expect(window.location.search).toBe("?customer=grace&state=PAID");
  expect(name().value).toBe("");
  await expect.poll(() => api.sent.at(-1)?.variables).toMatchObject({ filter: { customerId: "grace", states: ["PAID"] } });
});

test("text typed while the text before it is reported is kept", async () => {
  newApi().render(<OrdersPage />);
  await screen.findByText("Paid");
  type(name(), "hop");

  act(() => {
    untilTypingStopped();
    type(name(), "hopp");
  });

  expect(name().value).toBe("hopp");
  act(untilTypingStopped);
  expect(window.location.search).toBe("?name=hopp");
  expect(name().value).toBe("hopp");
});

test("a filter follows the browser's back button", async () => {
  newApi().render(<OrdersPage />, "/?name=hopper");
  await screen.findByText("Paid");

  act(() => {
    window.history.replaceState(null, "", "/");
    window.dispatchEvent(new PopStateEvent("popstate"));
  });

  expect(name().value).toBe("");
  act(untilTypingStopped);
  expect(window.location.search).toBe("");
});

test("a filter that is reported after a link was followed does not bring the list back", async () => {
  newApi().render(<OrdersPage />);
  await screen.findByText("Paid");
  type(name(), "hop");

  act(() => {
    window.history.pushState(null, "", "/orders/tea-1"); // the router shows the list until the next page has loaded
    untilTypingStopped();
  });

  expect(window.location.pathname).toBe("/orders/tea-1");
});
