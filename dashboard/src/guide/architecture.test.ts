import { expect, test } from "vitest";

import { STATES } from "../ui/format";
import { commands, diagram, parseDiagram, parseTable } from "./architecture";
import { place } from "./layout";

test("transitions and composite states are parsed from a Mermaid diagram", () => {
  const markdown = [
    "```mermaid", "stateDiagram-v2", "    [*] --> A", '    state "can stop" as box {', "        A --> B: GO", "    }",
    "    box --> C: STOP", "    C --> [*]", "```",
  ].join("\n");
  expect(parseDiagram(markdown)).toEqual({
    transitions: [{ from: "A", to: "B", event: "GO" }, { from: "box", to: "C", event: "STOP" }],
    groups: { box: ["A", "B"] },
  });
});

test("a table ends at the first line that is not a row", () => {
  expect(parseTable("x\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| 3 |", "| a |")).toEqual([["1", "2"]]);
});

test("the documented diagram has every state, and no two are drawn at the same place", () => {
  const { groups, transitions } = diagram;
  const states = new Set(transitions.flatMap(({ from, to }) => [from, to]).filter((name) => !(name in groups)));
  expect([...states].sort()).toEqual([...STATES].sort());
  const places = place(diagram);
  expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(STATES.length);
});

test("the guide lists every documented command", () => {
  expect(commands.map(([name]) => name)).toEqual(["approve", "reject", "cancel", "update address", "cancel payment", "confirm delivery"]);
});
