import { STATES, isFinal } from "../ui/format";
import type { Diagram } from "./architecture";

export const WIDTH = 460;
export const ROW = 54;
export const NODE = { width: 172, height: 32 } as const;
const SPINE = 62;
const SIDE = WIDTH - NODE.width * 0.82 - 2;

export interface Place {
  x: number;
  y: number;
  width: number;
  row: number;
  onSpine: boolean;
}

/** The path to COMPLETED runs straight down. Every other final state is placed beside the last state that leads to it. */
export function place({ transitions, groups }: Diagram): ReadonlyMap<string, Place> {
  const spine = STATES.filter((state) => !isFinal(state) || state === "COMPLETED");
  const places = new Map<string, Place>();
  spine.forEach((state, row) => {
    places.set(state, { x: SPINE, y: row * ROW + 8, width: NODE.width, row, onSpine: true });
  });
  const taken = new Set<number>();
  for (const state of STATES.filter((name) => !spine.includes(name))) {
    const sources = transitions.filter(({ to }) => to === state).flatMap(({ from }) => groups[from] ?? [from]);
    const lowest = Math.max(...sources.map((source) => places.get(source)?.row ?? 0));
    let row = lowest;
    while (taken.has(row)) row -= 1;
    taken.add(row);
    places.set(state, { x: SIDE, y: row * ROW + 8, width: NODE.width * 0.82, row, onSpine: false });
  }
  return places;
}

/** SVG path of an arrow: down the spine, around it on the left, or to the side. */
export function path(from: Place, to: Place): string {
  const middle = from.y + NODE.height / 2;
  const center = from.x + from.width / 2;
  if (!to.onSpine) return `M ${from.x + from.width} ${middle} H ${to.x - 4}`;
  if (to.row === from.row + 1) return `M ${center} ${from.y + NODE.height} V ${to.y - 4}`;
  const bow = from.row === to.row ? 22 : 26 + 8 * Math.abs(from.row - to.row);
  const leaves = from.row === to.row ? middle - 8 : middle;
  const arrives = to.y + NODE.height / 2 + (from.row > to.row ? 12 : from.row === to.row ? 8 : -8);
  return `M ${from.x} ${leaves} C ${from.x - bow} ${leaves} ${to.x - bow} ${arrives} ${to.x - 4} ${arrives}`;
}
