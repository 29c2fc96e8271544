import { expect, test } from "vitest";

import { STATES, inDuration, inMoney, inTimeLeft, inWords } from "./words";
import schema from "../../../schema.graphql?raw";

test("a name of the schema becomes words", () => {
  expect(inWords("AWAITING_APPROVAL")).toBe("Awaiting approval");
});

test("every state of the schema has its place", () => {
  const body = /enum OrderState \{([^}]*)\}/.exec(schema)?.[1] ?? "";
  const names = body.replaceAll(/"""[\s\S]*?"""/g, "").match(/\w+/g);
  expect(STATES).toEqual(names);
});

test("an amount keeps digits that no float has", () => {
  expect(inMoney({ amount: "9007199254740993.01", currency: "USD" })).toContain("740,993.01");
});

test.each([
  [0, "0 s"], [-5, "0 s"], [8_200, "9 s"], [60_000, "1 min 0 s"], [252_000, "4 min 12 s"], [3_900_000, "1 h 5 min"], [90_000_000, "1 d 1 h"],
])("%d ms are %s", (milliseconds, words) => {
  expect(inTimeLeft(milliseconds)).toBe(words);
});

test.each([["PT5M", "5 min"], ["PT1H30M", "1 h 30 min"], ["P1DT2S", "1 d 2 s"], ["PT0.5S", "0.5 s"], ["PT0S", "0 s"], ["?", "?"]])(
  "%s is %s", (duration, words) => { expect(inDuration(duration)).toBe(words); },
);
