import { expect, test } from "vitest";

import { filterOf, readSearch, variablesOf, writeSearch } from "./search";

const read = (url: string) => readSearch(new URLSearchParams(url));

test("a URL without parameters selects all orders, newest first", () => {
  expect(variablesOf(read(""))).toEqual({
    filter: {}, sort: { field: "CREATED_AT", direction: "DESC" }, first: 25, after: null,
  });
});

test("a parsed URL is written back unchanged", () => {
  const url =
    "customer=ada&name=Lovelace&state=PAID&state=FAILED&priority=URGENT&currency=USD&min=1.50&max=20&from=2026-01-02&to=2026-02-03&sort=TOTAL&direction=ASC&after=abc";
  expect(writeSearch(read(url)).toString()).toBe(url);
});

test("invalid URL parameters are ignored", () => {
  const search = read("state=NOWHERE&priority=LOW&min=abc&max=1e9&from=yesterday&sort=COLOR");
  expect(writeSearch(search).toString()).toBe("");
});

test("totals are ignored without a currency", () => {
  const search = read("min=1&max=2&sort=TOTAL");
  expect(variablesOf(search)).toMatchObject({ filter: {}, sort: { field: "CREATED_AT" } });
  expect(filterOf(read("currency=JPY&max=2"))).toEqual({ currency: "JPY", total: { from: null, to: "2" } });
  expect(writeSearch({ ...read("currency=JPY&max=2&sort=TOTAL"), currency: "" }).toString()).toBe("");
});

test("the page before a cursor is requested with last and before", () => {
  expect(variablesOf(read("before=abc"))).toMatchObject({ last: 25, before: "abc" });
});

test("dates cover whole days in the local time zone", () => {
  const { createdAt } = filterOf(read("from=2026-01-02&to=2026-01-02"));
  expect(createdAt).toEqual({
    from: new Date(2026, 0, 2).toISOString(),
    to: new Date(2026, 0, 2, 23, 59, 59, 999).toISOString(),
  });
});

test("the filter for counts and the feed leaves out the states", () => {
  const search = read("state=PAID&name=ada");
  expect(filterOf(search)).toEqual({ customerName: "ada" });
  expect(variablesOf(search).filter).toEqual({ customerName: "ada", states: ["PAID"] });
});
