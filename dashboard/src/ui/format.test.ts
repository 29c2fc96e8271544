import { expect, test } from "vitest";

import { STATES, formatDuration, formatMoney, formatTimeLeft, enumLabel } from "./format";
import schema from "../../../schema.graphql?raw";

test("an enum value is shown as words", () => {
  expect(enumLabel("AWAITING_APPROVAL")).toBe("Awaiting approval");
});

test("the list of states matches the schema", () => {
  const body = /enum OrderState \{([^}]*)\}/.exec(schema)?.[1] ?? "";
  const names = body.replaceAll(/"""[\s\S]*?"""/g, "").match(/\w+/g);
  expect(STATES).toEqual(names);
});

test("an amount keeps digits that a float cannot hold", () => {
  expect(formatMoney({ amount: "9007199254740993.01", currency: "USD" })).toContain("740,993.01");
});

test.each([
  [0, "0 s"], [-5, "0 s"], [8_200, "9 s"], [60_000, "1 min 0 s"], [252_000, "4 min 12 s"], [3_900_000, "1 h 5 min"], [90_000_000, "1 d 1 h"],
])("%d ms left are shown as %s", (milliseconds, text) => {
  expect(formatTimeLeft(milliseconds)).toBe(text);
});

test.each([["PT5M", "5 min"], ["PT1H30M", "1 h 30 min"], ["P1DT2S", "1 d 2 s"], ["PT0.5S", "0.5 s"], ["PT0S", "0 s"], ["?", "?"]])(
  "the duration %s is shown as %s", (duration, text) => { expect(formatDuration(duration)).toBe(text); },
);
