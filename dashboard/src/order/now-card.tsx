import { Notice } from "../ui/notice";
import { useNow } from "../ui/hooks";
import { inMoment, inTimeLeft, inWords, isEnd } from "../ui/words";
import type { OrderOnPage } from "./use-live-order";

type Activity = NonNullable<OrderOnPage["workflow"]>["pendingActivities"][number];

/** Where the order is at this moment, what it waits for, and what holds it up. */
export function NowCard({ order }: { order: OrderOnPage }) {
  const { failure, workflow } = order;
  if (isEnd(order.state)) {
    return (
      <section className="card" aria-labelledby="now">
        <h2 id="now" className="mb-2">Ended</h2>
        <p className="text-sm">
          {inWords(order.state)}
          {order.endedAt && <> on <time dateTime={order.endedAt}>{inMoment(order.endedAt)}</time></>}
        </p>
        {failure && <p className="mt-2 text-sm"><strong>{inWords(failure.code)}:</strong> {failure.message}</p>}
      </section>
    );
  }
  return (
    <section className="card" aria-labelledby="now">
      <h2 id="now" className="mb-2">Now</h2>
      <p className="text-sm">
        {workflow?.step ? <>Step <code>{workflow.step}</code></> : `${inWords(order.state)}; no worker says more.`}
      </p>
      {order.state === "AWAITING_APPROVAL" && order.reviewDeadline && <TimeLeft what="Review ends" at={order.reviewDeadline} />}
      {order.deadline && <TimeLeft what="To be with the carrier" at={order.deadline} />}
      {workflow?.lastError && <div className="mt-3"><Notice tone="problem">{workflow.lastError}</Notice></div>}
      {workflow && workflow.pendingActivities.length > 0 && (
        <ul className="mt-3 space-y-2">
          {workflow.pendingActivities.map((activity) => <PendingActivity key={`${activity.workflowId} ${activity.id}`} activity={activity} />)}
        </ul>
      )}
    </section>
  );
}

function TimeLeft({ what, at }: { what: string; at: string }) {
  const now = useNow(true);
  const left = Date.parse(at) - now;
  return (
    <p className="mt-1 text-sm">
      {what} <span role="timer" className="font-medium tabular-nums">{left > 0 ? `in ${inTimeLeft(left)}` : "now"}</span>
      <span className="quiet"> (<time dateTime={at}>{inMoment(at)}</time>)</span>
    </p>
  );
}

function PendingActivity({ activity }: { activity: Activity }) {
  const now = useNow(activity.nextAttemptAt !== null);
  const wait = activity.nextAttemptAt ? Date.parse(activity.nextAttemptAt) - now : 0;
  return (
    <li className="rounded-lg border border-slate-200 px-3 py-2 text-sm dark:border-slate-800">
      <code>{activity.type}</code>{" "}
      <span className="quiet">
        attempt {activity.attempt}{activity.maximumAttempts !== null && ` of ${activity.maximumAttempts}`}
        {wait > 0 && `, tried again in ${inTimeLeft(wait)}`}
      </span>
      {activity.lastFailure && <p className="mt-1 text-rose-700 wrap-anywhere dark:text-rose-300">{activity.lastFailure}</p>}
    </li>
  );
}
