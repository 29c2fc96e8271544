import { useEffect, useMemo, useState } from "react";
import { useClient, useQuery, type CombinedError } from "urql";

import { useRetryWhileUnavailable } from "../connection/use-retry-while-unavailable";
import type { EventLineFragment, OrderQuery } from "../generated/graphql";
import { useLatestDefined } from "../ui/hooks";
import { mergeEvents } from "./merge-events";
import { ORDER, ORDER_EVENTS, ORDER_PROGRESS } from "./operations";

export type OrderOnPage = NonNullable<OrderQuery["order"]>;

interface LiveOrder {
  /** Null if the order does not exist; undefined while it is loading. */
  order: OrderOnPage | null | undefined;
  events: readonly EventLineFragment[];
  /** The last event that arrived while the page was open. */
  latest: EventLineFragment | undefined;
  error: CombinedError | undefined;
  liveError: CombinedError | undefined;
  /** Sources that did not answer, named as in extensions.degraded. */
  unavailable: readonly string[];
  reload: () => void;
}

/** Loads an order once, then keeps it current by two subscriptions. Render with the ID as key: the state is per order. */
export function useLiveOrder(id: string): LiveOrder {
  const client = useClient();
  const [result, execute] = useQuery({ query: ORDER, variables: { id } });
  const [streamed, setStreamed] = useState<readonly EventLineFragment[]>([]);
  const [latest, setLatest] = useState<EventLineFragment>();
  const [liveError, setLiveError] = useState<CombinedError>();
  const [attempt, setAttempt] = useState(0);
  const order = useLatestDefined(result.data?.order);

  const loaded = order?.events.nodes;
  const events = useMemo(() => mergeEvents(loaded ?? [], streamed), [loaded, streamed]);

  // The subscription starts after the events of the first load. Later loads must not restart it.
  const [lastLoaded, setLastLoaded] = useState<number>();
  if (lastLoaded === undefined && loaded && !result.stale) setLastLoaded(loaded.at(-1)?.sequence ?? 0);

  useEffect(() => {
    if (lastLoaded === undefined) return undefined;
    const timeline = client
      .subscription(ORDER_EVENTS, { orderId: id, afterSequence: lastLoaded })
      .subscribe(({ data, error }) => {
        setLiveError(error);
        if (!data) return;
        setStreamed((known) => mergeEvents(known, [data.orderEvents]));
        setLatest(data.orderEvents);
      });
    // Its results reach the page through the normalized cache.
    const progress = client
      .subscription(ORDER_PROGRESS, { orderId: id })
      .subscribe(({ error }) => { if (error) setLiveError(error); });
    return () => {
      timeline.unsubscribe();
      progress.unsubscribe();
    };
  }, [client, id, lastLoaded, attempt]);

  const reload = () => {
    setLiveError(undefined);
    setAttempt((count) => count + 1);
    execute({ requestPolicy: "network-only" });
  };
  useRetryWhileUnavailable(result.error, reload);

  const degraded: unknown = result.extensions?.["degraded"];
  return {
    order: result.data ? result.data.order : order,
    events,
    latest,
    error: result.error,
    liveError,
    unavailable: Array.isArray(degraded) ? degraded.map(String) : [],
    reload,
  };
}
