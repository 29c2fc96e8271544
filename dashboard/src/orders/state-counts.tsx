import type { OrderState } from "../generated/graphql";
import { STATES, inWords } from "../ui/words";

interface StateCountsProps {
  counts: readonly { state: OrderState; count: number }[];
  chosen: readonly OrderState[];
  onChange: (states: OrderState[]) => void;
}

/** How many orders are in each state; pressed, a state is shown alone or with the others that are. */
export function StateCounts({ counts, chosen, onChange }: StateCountsProps) {
  const countOf = new Map(counts.map(({ state, count }) => [state, count]));
  const shown = STATES.filter((state) => countOf.has(state) || chosen.includes(state));
  return (
    <div role="group" aria-label="States" className="mb-4 flex min-h-8 flex-wrap gap-1.5">
      {shown.map((state) => {
        const pressed = chosen.includes(state);
        return (
          <button
            key={state}
            type="button"
            aria-pressed={pressed}
            className="chip"
            onClick={() => { onChange(pressed ? chosen.filter((one) => one !== state) : [...chosen, state]); }}
          >
            {inWords(state)} <span className="font-semibold tabular-nums">{(countOf.get(state) ?? 0).toLocaleString()}</span>
          </button>
        );
      })}
    </div>
  );
}
