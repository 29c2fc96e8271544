import type { OrderState } from "../generated/graphql";
import { inWords } from "./words";

const UNDER_WAY = "bg-sky-100 text-sky-900 dark:bg-sky-950 dark:text-sky-200";
const WAITS = "bg-amber-100 text-amber-900 dark:bg-amber-950 dark:text-amber-200";
const DONE = "bg-emerald-100 text-emerald-900 dark:bg-emerald-950 dark:text-emerald-200";
const STOPPED = "bg-slate-200 text-slate-800 dark:bg-slate-800 dark:text-slate-200";
const FAILED = "bg-rose-100 text-rose-900 dark:bg-rose-950 dark:text-rose-200";

const COLOURS: Partial<Record<OrderState, string>> = {
  AWAITING_APPROVAL: WAITS,
  DELIVERED: DONE,
  COMPLETED: DONE,
  CANCELLED: STOPPED,
  APPROVAL_TIMEOUT: FAILED,
  FAILED,
};

export function StateBadge({ state }: { state: OrderState }) {
  const colours = COLOURS[state] ?? UNDER_WAY;
  return (
    <span className={`inline-block rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap ${colours}`} data-state={state}>
      {inWords(state)}
    </span>
  );
}
