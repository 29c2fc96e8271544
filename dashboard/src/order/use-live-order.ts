import { useEffect, useMemo, useState } from "react";
import { useClient, useQuery, type CombinedError } from "urql";

import { useRetryWhileAway } from "../connection/use-retry-while-away";
import type { EventLineFragment, OrderQuery } from "../generated/graphql";
import { useLast } from "../ui/hooks";
import { withEvents } from "./events";
import { ORDER, ORDER_EVENTS, ORDER_PROGRESS } from "./operations";

export type OrderOnPage = NonNullable<OrderQuery["order"]>;

interface LiveOrder {
  /** Null where there is no such order; undefined while it is being read. */
  order: OrderOnPage | null | undefined;
  events: readonly EventLineFragment[];
  /** The last that came while the page was open. */
  news: EventLineFragment | undefined;
  error: CombinedError | undefined;
  liveError: CombinedError | undefined;
  missing: readonly string[];
  readAgain: () => void;
}

/** One order: read once, then kept true by its two subscriptions. Made anew for each order. */
export function useLiveOrder(id: string): LiveOrder {
  const client = useClient();
  const [result, execute] = useQuery({ query: ORDER, variables: { id } });
  const [streamed, setStreamed] = useState<readonly EventLineFragment[]>([]);
  const [news, setNews] = useState<EventLineFragment>();
  const [liveError, setLiveError] = useState<CombinedError>();
  const [attempt, setAttempt] = useState(0);
  const order = useLast(result.data?.order);

  const read = order?.events.nodes;
  const events = useMemo(() => withEvents(read ?? [], streamed), [read, streamed]);

  // The timeline begins after what was read, at the first reading: later ones change nothing.
  const [readTo, setReadTo] = useState<number>();
  if (readTo === undefined && read && !result.stale) setReadTo(read.at(-1)?.sequence ?? 0);

  useEffect(() => {
    if (readTo === undefined) return undefined;
    const timeline = client
      .subscription(ORDER_EVENTS, { orderId: id, afterSequence: readTo })
      .subscribe(({ data, error }) => {
        setLiveError(error);
        if (!data) return;
        setStreamed((known) => withEvents(known, [data.orderEvents]));
        setNews(data.orderEvents);
      });
    // Its answers reach the page through the cache.
    const progress = client
      .subscription(ORDER_PROGRESS, { orderId: id })
      .subscribe(({ error }) => { if (error) setLiveError(error); });
    return () => {
      timeline.unsubscribe();
      progress.unsubscribe();
    };
  }, [client, id, readTo, attempt]);

  const readAgain = () => {
    setLiveError(undefined);
    setAttempt((now) => now + 1);
    execute({ requestPolicy: "network-only" });
  };
  useRetryWhileAway(result.error, readAgain);

  const degraded: unknown = result.extensions?.["degraded"];
  return {
    order: result.data ? result.data.order : order,
    events,
    news,
    error: result.error,
    liveError,
    missing: Array.isArray(degraded) ? degraded.map(String) : [],
    readAgain,
  };
}
