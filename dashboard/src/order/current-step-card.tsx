import { Notice } from "../ui/notice";
import { useNow } from "../ui/hooks";
import { formatDateTime, formatTimeLeft, enumLabel, isFinal } from "../ui/format";
import type { OrderOnPage } from "./use-live-order";

type Activity = NonNullable<OrderOnPage["workflow"]>["pendingActivities"][number];

/** The current step with its time limits and pending activities, or the result of an order that has ended. */
export function CurrentStepCard({ order }: { order: OrderOnPage }) {
  const { failure, workflow } = order;
  if (isFinal(order.state)) {
    return (
      <section className="card" aria-labelledby="current-step">
        <h2 id="current-step" className="mb-2">Ended</h2>
        <p className="text-sm">
          {enumLabel(order.state)}
          {order.endedAt && <> on <time dateTime={order.endedAt}>{formatDateTime(order.endedAt)}</time></>}
        </p>
        {failure && <p className="mt-2 text-sm"><strong>{enumLabel(failure.code)}:</strong> {failure.message}</p>}
      </section>
    );
  }
  return (
    <section className="card" aria-labelledby="current-step">
      <h2 id="current-step" className="mb-2">Current step</h2>
      <p className="text-sm">
        {workflow?.step ? <code>{workflow.step}</code> : `${enumLabel(order.state)}. Details are unavailable because no worker responded.`}
      </p>
      {order.state === "AWAITING_APPROVAL" && order.reviewDeadline && <TimeLeft label="Review ends" at={order.reviewDeadline} />}
      {order.deadline && <TimeLeft label="Shipping deadline" at={order.deadline} />}
      {workflow?.lastError && <div className="mt-3"><Notice tone="error">{workflow.lastError}</Notice></div>}
      {workflow && workflow.pendingActivities.length > 0 && (
        <ul className="mt-3 space-y-2">
          {workflow.pendingActivities.map((activity) => <PendingActivity key={activity.id} activity={activity} />)}
        </ul>
      )}
    </section>
  );
}

function TimeLeft({ label, at }: { label: string; at: string }) {
  const now = useNow(true);
  const left = Date.parse(at) - now;
  return (
    <p className="mt-1 text-sm">
      {label} <span role="timer" className="font-medium tabular-nums">{left > 0 ? `in ${formatTimeLeft(left)}` : "now"}</span>
      <span className="muted"> (<time dateTime={at}>{formatDateTime(at)}</time>)</span>
    </p>
  );
}

function PendingActivity({ activity }: { activity: Activity }) {
  const now = useNow(activity.nextAttemptAt !== null);
  const delay = activity.nextAttemptAt ? Date.parse(activity.nextAttemptAt) - now : 0;
  return (
    <li className="rounded-lg border border-slate-200 px-3 py-2 text-sm dark:border-slate-800">
      <code>{activity.type}</code>{" "}
      <span className="muted">
        attempt {activity.attempt}{activity.maximumAttempts !== null && ` of ${activity.maximumAttempts}`}
        {delay > 0 && `, next attempt in ${formatTimeLeft(delay)}`}
      </span>
      {activity.lastFailure && <p className="mt-1 text-rose-700 wrap-anywhere dark:text-rose-300">{activity.lastFailure}</p>}
    </li>
  );
}
