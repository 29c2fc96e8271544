// @vitest-environment happy-dom
import { cleanup, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import { FakeApi } from "../testing/fake-api";
import { CustomersPage } from "./customers-page";

afterEach(cleanup);

const NAMES = ["Ada", "Grace", "Hedy"];

/** Three pages of one customer each. The cursor of a customer is their name. */
function pageOf({ after, before }: Record<string, unknown>): object {
  const index = before == null ? NAMES.indexOf(after as string) + 1 : NAMES.indexOf(before as string) - 1;
  const name = NAMES[index] ?? "";
  const customer = { __typename: "Customer", id: name, name, email: `${name}@example.org`, phone: null, createdAt: "2026-01-01T12:00:00Z" };
  const pageInfo = { __typename: "PageInfo", hasNextPage: index < 2, hasPreviousPage: index > 0, startCursor: name, endCursor: name };
  return { customers: { __typename: "CustomerConnection", nodes: [customer], totalCount: 3, pageInfo } };
}

const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name });
const isEnabled = (name: string) => expect.poll(() => button(name).disabled).toBe(false);
const rowOf = (name: string) => screen.findByRole("row", { name: new RegExp(name) });

test("customers are paged forward and back, and the page is in the URL", async () => {
  const api = new FakeApi({ Customers: pageOf });
  api.render(<CustomersPage />, "/customers?search=example");
  await rowOf("Ada");
  expect(button("Previous").disabled).toBe(true);
  expect(screen.queryByRole("button", { name: "First page" })).toBeNull();

  fireEvent.click(button("Next"));
  await rowOf("Grace");
  await isEnabled("Next");
  fireEvent.click(button("Next"));
  await rowOf("Hedy");
  expect(window.location.search).toBe("?search=example&after=Grace");
  expect(button("Next").disabled).toBe(true);

  await isEnabled("Previous");
  fireEvent.click(button("Previous"));
  await rowOf("Grace");
  expect(window.location.search).toBe("?search=example&before=Hedy");
  expect(api.sent.at(-1)?.variables).toEqual({ search: "example", last: 25, before: "Hedy" });

  await isEnabled("Next");
  fireEvent.click(button("Next"));
  await rowOf("Hedy");
  expect(window.location.search).toBe("?search=example&after=Grace");

  fireEvent.click(button("First page"));
  await rowOf("Ada");
  expect(window.location.search).toBe("?search=example");
});

test("a page whose customers were deleted does not say that there are none", async () => {
  const pageInfo = { __typename: "PageInfo", hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null };
  const api = new FakeApi({ Customers: () => ({ customers: { __typename: "CustomerConnection", nodes: [], totalCount: 3, pageInfo } }) });
  api.render(<CustomersPage />, "/customers?after=Hedy");
  await screen.findByText("There are no customers on this page any more.");
});

test("a new search starts at its first page", async () => {
  const api = new FakeApi({ Customers: pageOf });
  api.render(<CustomersPage />, "/customers?before=Hedy");
  await rowOf("Grace");

  fireEvent.change(screen.getByLabelText("Search"), { target: { value: "a" } });

  await rowOf("Ada");
  expect(window.location.search).toBe("?search=a");
  expect(api.sent.at(-1)?.variables).toEqual({ search: "a", first: 25, after: null });
});
