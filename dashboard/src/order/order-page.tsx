import { Link, useParams } from "react-router";

import { MissingScopes, missingScopes } from "../session/missing-scopes";
import { useTitle } from "../ui/hooks";
import { Loading, Notice, RequestFailed, errorMessage } from "../ui/notice";
import { StateBadge } from "../ui/state-badge";
import { formatDateTime, formatMoney, enumLabel } from "../ui/format";
import { Commands } from "./commands";
import { ItemsCard, PaymentCard, PolicyCard, ShippingAddressCard } from "./detail-cards";
import { CurrentStepCard } from "./current-step-card";
import { Timeline } from "./timeline";
import { useLiveOrder, type OrderOnPage } from "./use-live-order";
import { WorkflowCard } from "./workflow-card";

const SOURCE_LABELS: Readonly<Record<string, string>> = { record: "Postgres", temporal: "Temporal", worker: "order worker" };

export function OrderPage() {
  const { id = "" } = useParams();
  return <LiveOrderPage key={id} id={id} />;
}

function LiveOrderPage({ id }: { id: string }) {
  useTitle(id);
  const { order, events, latest, error, liveError, unavailable, reload } = useLiveOrder(id);

  const missing = missingScopes(error);
  if (missing.length > 0) return <MissingScopes missing={missing} />;
  return (
    <>
      <p className="mb-2 text-sm"><Link to="/" className="text-link">All orders</Link></p>
      <div className="space-y-3 empty:hidden">
        {error && <RequestFailed error={error} retry={reload} />}
        {liveError && (
          <Notice tone="warning">
            Live updates stopped: {errorMessage(liveError)}
            <button type="button" className="button ml-3" onClick={reload}>Resume</button>
          </Notice>
        )}
        {unavailable.length > 0 && <Notice tone="warning">Unavailable: {unavailable.map((source) => SOURCE_LABELS[source] ?? source).join(", ")}. Some details are missing or may be out of date.</Notice>}
      </div>
      {order === undefined && !error && <Loading what="order" />}
      {order === null && <h1 className="py-12 text-center">Order <code>{id}</code> not found</h1>}
      {order && (
        <>
          <Heading order={order} />
          <p role="status" className="sr-only">{latest && `${latest.message} ${enumLabel(latest.state)}`}</p>
          <div className="mt-4 grid items-start gap-4 lg:grid-cols-[1.4fr_1fr]">
            <div className="grid gap-4">
              <Commands order={order} />
              <CurrentStepCard order={order} />
              <Timeline events={events} latestSequence={latest?.sequence} />
            </div>
            <div className="grid gap-4">
              <ItemsCard order={order} />
              <ShippingAddressCard order={order} />
              <PaymentCard order={order} />
              <WorkflowCard order={order} />
              <PolicyCard policy={order.policy} />
            </div>
          </div>
        </>
      )}
    </>
  );
}

function Heading({ order }: { order: OrderOnPage }) {
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-2">
      <h1 className="wrap-anywhere">{order.id}</h1>
      <span key={order.sequence} className="highlight rounded-full"><StateBadge state={order.state} /></span>
      <span className="muted text-sm">
        {formatMoney(order.total)} · {enumLabel(order.priority)} · created <time dateTime={order.createdAt}>{formatDateTime(order.createdAt)}</time>
      </span>
    </div>
  );
}
