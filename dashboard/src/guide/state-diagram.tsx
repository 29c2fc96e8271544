import { enumLabel, isFinal, STATES } from "../ui/format";
import { diagram } from "./architecture";
import { NODE, path, place, ROW, WIDTH } from "./layout";

const PADDING = 10;
const FINAL_STATES: ReadonlySet<string> = new Set(STATES.filter(isFinal));

export function StateDiagram() {
  const places = place(diagram);
  const height = Math.max(...[...places.values()].map(({ row }) => row)) * ROW + NODE.height + 16;
  const edges = diagram.transitions.filter(({ from }) => !(from in diagram.groups));
  return (
    <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label="Order states and the transitions between them. The table below has the same content." className="mx-auto w-full max-w-lg">
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 8 4 0 8z" className="fill-slate-500" />
        </marker>
      </defs>
      {Object.entries(diagram.groups).map(([name, members]) => <Group key={name} name={name} members={members} />)}
      {edges.map(({ from, to, event }) => {
        const [start, end] = [places.get(from), places.get(to)];
        return start && end && (
          <path key={`${from} ${event}`} d={path(start, end)} markerEnd="url(#arrow)" className="fill-none stroke-slate-500 stroke-[1.5]"><title>{event}</title></path>
        );
      })}
      {[...places].map(([state, { x, y, width }]) => (
        <g key={state}>
          <rect
            x={x} y={y} width={width} height={NODE.height} rx="8"
            className={FINAL_STATES.has(state) ? "fill-slate-700 dark:fill-slate-200" : "fill-indigo-100 stroke-indigo-400 dark:fill-indigo-950"}
          />
          <text
            x={x + width / 2} y={y + NODE.height / 2} dominantBaseline="central" textAnchor="middle"
            className={`text-[13px] ${FINAL_STATES.has(state) ? "fill-white dark:fill-slate-900" : "fill-indigo-950 dark:fill-indigo-100"}`}
          >
            {enumLabel(state)}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** A box around a composite state, with the transitions that all its members share. */
function Group({ name, members }: { name: string; members: readonly string[] }) {
  const places = place(diagram);
  const inside = members.flatMap((state) => places.get(state) ?? []);
  const [first] = inside;
  if (!first) return null;
  const top = Math.min(...inside.map(({ y }) => y)) - 6;
  const bottom = Math.max(...inside.map(({ y }) => y)) + NODE.height + 6;
  const right = first.x + NODE.width + PADDING;
  return (
    <g>
      <rect x={first.x - PADDING} y={top} width={NODE.width + 2 * PADDING} height={bottom - top} rx="12" className="fill-none stroke-slate-400 [stroke-dasharray:4_4]" />
      {diagram.transitions.filter(({ from }) => from === name).map(({ to, event }) => {
        const end = places.get(to);
        return end && (
          <path key={to} d={`M ${right} ${end.y + NODE.height / 2} H ${end.x - 4}`} markerEnd="url(#arrow)" className="stroke-slate-500 stroke-[1.5]"><title>{event}</title></path>
        );
      })}
    </g>
  );
}
