import type { OrderState } from "../generated/graphql";
import { STATES, enumLabel } from "../ui/format";

interface StateCountsProps {
  counts: readonly { state: OrderState; count: number }[];
  selected: readonly OrderState[];
  onToggle: (state: OrderState) => void;
}

/** The number of orders per state. Each is a toggle that filters the list by its state. */
export function StateCounts({ counts, selected, onToggle }: StateCountsProps) {
  const countOf = new Map(counts.map(({ state, count }) => [state, count]));
  const shown = STATES.filter((state) => countOf.has(state) || selected.includes(state));
  return (
    <div role="group" aria-label="Filter by state" className="mb-4 flex min-h-8 flex-wrap gap-1.5">
      {shown.map((state) => (
        <button key={state} type="button" aria-pressed={selected.includes(state)} className="chip" onClick={() => { onToggle(state); }}>
          {enumLabel(state)} <span className="font-semibold tabular-nums">{(countOf.get(state) ?? 0).toLocaleString()}</span>
        </button>
      ))}
    </div>
  );
}
