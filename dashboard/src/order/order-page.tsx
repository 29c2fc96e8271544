import { Link, useParams } from "react-router";

import { useTitle } from "../ui/hooks";
import { Loading, Notice, RequestFailed, inWordsOf } from "../ui/notice";
import { StateBadge } from "../ui/state-badge";
import { inMoment, inMoney, inWords } from "../ui/words";
import { Commands } from "./commands";
import { Delivery, Items, PaymentCard, PolicyCard } from "./facts";
import { NowCard } from "./now-card";
import { Timeline } from "./timeline";
import { useLiveOrder, type OrderOnPage } from "./use-live-order";
import { WorkflowCard } from "./workflow-card";

export function OrderPage() {
  const { id = "" } = useParams();
  return <LiveOrderPage key={id} id={id} />;
}

function LiveOrderPage({ id }: { id: string }) {
  useTitle(id);
  const { order, events, news, error, liveError, missing, readAgain } = useLiveOrder(id);

  return (
    <>
      <p className="mb-2 text-sm"><Link to="/" className="text-link">All orders</Link></p>
      <div className="space-y-3 empty:hidden">
        {error && <RequestFailed error={error} retry={readAgain} />}
        {liveError && (
          <Notice tone="wait">
            Not live any more: {inWordsOf(liveError)}
            <button type="button" className="button ml-3" onClick={readAgain}>Watch again</button>
          </Notice>
        )}
        {missing.length > 0 && <Notice tone="wait">Out of reach: {missing.join(", ")}. What it knows is missing here.</Notice>}
      </div>
      {order === undefined && !error && <Loading what="the order" />}
      {order === null && <h1 className="py-12 text-center">There is no order <code>{id}</code></h1>}
      {order && (
        <>
          <Heading order={order} />
          <p role="status" className="sr-only">{news && `${news.message} ${inWords(news.state)}`}</p>
          <div className="mt-4 grid items-start gap-4 lg:grid-cols-[1.4fr_1fr]">
            <div className="grid gap-4">
              <Commands order={order} />
              <NowCard order={order} />
              <Timeline events={events} newestSeen={news?.sequence} />
            </div>
            <div className="grid gap-4">
              <Items order={order} />
              <Delivery order={order} />
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
      <span key={order.sequence} className="lights-up rounded-full"><StateBadge state={order.state} /></span>
      <span className="quiet text-sm">
        {inMoney(order.total)} · {inWords(order.priority)} · started <time dateTime={order.createdAt}>{inMoment(order.createdAt)}</time>
      </span>
    </div>
  );
}
