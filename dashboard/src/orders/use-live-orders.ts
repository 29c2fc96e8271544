import { useCallback, useEffect, useRef, useState } from "react";
import { useClient, useQuery, type CombinedError } from "urql";

import { useRetryWhileUnavailable } from "../connection/use-retry-while-unavailable";
import type { OrdersQuery } from "../generated/graphql";
import { useLatestDefined } from "../ui/hooks";
import { ORDER_FEED, ORDERS } from "./operations";
import { filterOf, variablesOf, type OrderSearch } from "./search";

const MIN_RELOAD_INTERVAL = 1_500; // milliseconds

/** Variables of the feed subscription. */
interface FeedStart {
  /** JSON, so that equal filters compare as equal. */
  filter: string;
  after: string;
}

interface LiveOrders {
  page: NonNullable<OrdersQuery["orders"]> | undefined;
  isStale: boolean;
  error: CombinedError | undefined;
  feedError: CombinedError | undefined;
  reload: () => void;
}

/**
 * A page of orders with live updates.
 *
 * The feed starts at the page's cursor. Each event carries the current row of its order, which reaches
 * the table through the normalized cache. Only the server knows which orders belong to the page and the
 * counts by state, so the page is also reloaded after events: at most once per MIN_RELOAD_INTERVAL, and
 * never while another load is in progress.
 */
export function useLiveOrders(search: OrderSearch): LiveOrders {
  const client = useClient();
  const [result, execute] = useQuery({ query: ORDERS, variables: variablesOf(search) });
  const [feedError, setFeedError] = useState<CombinedError>();
  const page = result.data?.orders ?? undefined;
  const displayed = useLatestDefined(page);

  const filter = JSON.stringify(filterOf(search));
  const [feedStart, setFeedStart] = useState<FeedStart>();
  const loading = result.fetching || result.stale;
  if (page && !loading && feedStart?.filter !== filter) setFeedStart({ filter, after: page.feedCursor });

  const changed = useRef(false);
  useEffect(() => {
    if (feedStart === undefined) return undefined;
    changed.current = false;
    const variables = { filter: JSON.parse(feedStart.filter) as object, after: feedStart.after };
    const feed = client.subscription(ORDER_FEED, variables).subscribe(({ error }) => {
      changed.current = true;
      setFeedError(error);
    });
    return () => { feed.unsubscribe(); };
  }, [client, feedStart]);

  const isLoading = useRef(loading);
  useEffect(() => { isLoading.current = loading; }, [loading]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!changed.current || isLoading.current || document.hidden) return;
      // Cleared before the request: an event that arrives during the load may be missing from its result.
      changed.current = false;
      execute({ requestPolicy: "network-only" });
    }, MIN_RELOAD_INTERVAL);
    return () => { clearInterval(timer); };
  }, [execute]);

  const reload = useCallback(() => {
    setFeedError(undefined);
    setFeedStart(undefined);
    execute({ requestPolicy: "network-only" });
  }, [execute]);
  useRetryWhileUnavailable(result.error, reload);

  return { page: displayed, isStale: page === undefined, error: result.error, feedError, reload };
}
