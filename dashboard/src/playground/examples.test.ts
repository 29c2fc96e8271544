import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";

import sdl from "../../../schema.graphql?raw";
import { examples } from "./examples";

const schema = buildSchema(sdl);

test.each(examples())("the example $title is valid against the schema", ({ query }) => {
  expect(validate(schema, parse(query))).toEqual([]);
});

test("all examples of a page load share one order id, and the next load has another", () => {
  const ids = () => examples().map(({ variables = "" }) => /tea-\w+/.exec(variables)?.[0]).filter(Boolean);
  expect(new Set(ids()).size).toBe(1);
  expect(ids()[0]).not.toBe(ids()[0]);
});
