import type { OrderState } from "../generated/graphql";
import { enumLabel } from "./format";

const IN_PROGRESS = "bg-sky-100 text-sky-900 dark:bg-sky-950 dark:text-sky-200";
const WAITING = "bg-amber-100 text-amber-900 dark:bg-amber-950 dark:text-amber-200";
const DONE = "bg-emerald-100 text-emerald-900 dark:bg-emerald-950 dark:text-emerald-200";
const CANCELLED = "bg-slate-200 text-slate-800 dark:bg-slate-800 dark:text-slate-200";
const FAILED = "bg-rose-100 text-rose-900 dark:bg-rose-950 dark:text-rose-200";

const COLORS: Partial<Record<OrderState, string>> = {
  AWAITING_APPROVAL: WAITING,
  DELIVERED: DONE,
  COMPLETED: DONE,
  CANCELLED,
  APPROVAL_TIMEOUT: FAILED,
  FAILED,
};

export function StateBadge({ state }: { state: OrderState }) {
  const colors = COLORS[state] ?? IN_PROGRESS;
  return (
    <span className={`inline-block rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap ${colors}`} data-state={state}>
      {enumLabel(state)}
    </span>
  );
}
