import { expect, test } from "vitest";

import { filterOf, readSearch, variablesOf, writeSearch } from "./search";

const read = (address: string) => readSearch(new URLSearchParams(address));

test("an address that says nothing asks for the latest orders of all", () => {
  expect(variablesOf(read(""))).toEqual({
    filter: {}, sort: { field: "CREATED_AT", direction: "DESC" }, first: 25, after: null,
  });
});

test("an address is written as it was read", () => {
  const address =
    "customer=ada&name=Lovelace&state=PAID&state=FAILED&priority=URGENT&min=1.50&max=20&from=2026-01-02&to=2026-02-03&sort=TOTAL&direction=ASC&after=abc";
  expect(writeSearch(read(address)).toString()).toBe(address);
});

test("what cannot be chosen on the page is passed over", () => {
  const search = read("state=NOWHERE&priority=LOW&min=abc&max=1e9&from=yesterday&sort=COLOUR");
  expect(writeSearch(search).toString()).toBe("");
});

test("a page before a cursor is asked for from its end", () => {
  expect(variablesOf(read("before=abc"))).toMatchObject({ last: 25, before: "abc" });
});

test("days are whole days where the reader is", () => {
  const { createdAt } = filterOf(read("from=2026-01-02&to=2026-01-02"));
  expect(createdAt).toEqual({
    from: new Date(2026, 0, 2).toISOString(),
    to: new Date(2026, 0, 2, 23, 59, 59, 999).toISOString(),
  });
});

test("counts and feed are of orders in every state", () => {
  const search = read("state=PAID&name=ada");
  expect(filterOf(search)).toEqual({ customerName: "ada" });
  expect(variablesOf(search).filter).toEqual({ customerName: "ada", states: ["PAID"] });
});
