import { expect, test } from "vitest";

import { STATES } from "../ui/words";
import { commands, diagram, readDiagram, readTable } from "./architecture";
import { place } from "./layout";

test("a diagram's transitions and groups are read", () => {
  const markdown = [
    "```mermaid", "stateDiagram-v2", "    [*] --> A", '    state "can stop" as box {', "        A --> B: GO", "    }",
    "    box --> C: STOP", "    C --> [*]", "```",
  ].join("\n");
  expect(readDiagram(markdown)).toEqual({
    transitions: [{ from: "A", to: "B", event: "GO" }, { from: "box", to: "C", event: "STOP" }],
    groups: { box: ["A", "B"] },
  });
});

test("a table is read to its end", () => {
  expect(readTable("x\n| a | b |\n|---|---|\n| 1 | 2 |\n\n| 3 |", "| a | b |")).toEqual([["1", "2"]]);
});

test("the documented diagram has every state, and each has a place of its own", () => {
  const { groups, transitions } = diagram;
  const states = new Set(transitions.flatMap(({ from, to }) => [from, to]).filter((name) => !(name in groups)));
  expect([...states].sort()).toEqual([...STATES].sort());
  const places = place(diagram);
  expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(STATES.length);
});

test("the documented commands are there", () => {
  expect(commands.map(([name]) => name)).toEqual(["approve", "cancel", "update address", "cancel payment", "confirm delivery"]);
});
