import { expect, test } from "vitest";

import { readSearch, variablesOf, writeSearch } from "./search";

const read = (url: string) => readSearch(new URLSearchParams(url));

test("a parsed URL is written back unchanged, without statuses that do not exist", () => {
  const url = "status=RUNNING&status=FAILED&name=lovelace&after=abc";
  expect(writeSearch(read(url)).toString()).toBe(url);
  expect(writeSearch(read("status=LOST")).toString()).toBe("");
});

test("only the filters in use are sent", () => {
  expect(variablesOf(read(""))).toEqual({ filter: {}, first: 25, after: null });
  expect(variablesOf(read("status=FAILED&name=+ada+&after=x"))).toEqual({
    filter: { statuses: ["FAILED"], customerName: "ada" }, first: 25, after: "x",
  });
});
