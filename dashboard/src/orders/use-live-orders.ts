import { useCallback, useEffect, useRef, useState } from "react";
import { useClient, useQuery, type CombinedError } from "urql";

import { useRetryWhileAway } from "../connection/use-retry-while-away";
import type { OrdersQuery } from "../generated/graphql";
import { useLast } from "../ui/hooks";
import { ORDER_FEED, ORDERS } from "./operations";
import { filterOf, variablesOf, type OrderSearch } from "./search";

const READ_AGAIN_EVERY = 1_500; // milliseconds, at the most often

/** What the feed tells of, and from where on. */
interface Watched {
  filter: string;
  after: string;
}

interface LiveOrders {
  page: NonNullable<OrdersQuery["orders"]> | undefined;
  busy: boolean;
  error: CombinedError | undefined;
  feedError: CombinedError | undefined;
  readAgain: () => void;
}

/**
 * A page of orders that stays true.
 *
 * The feed begins where the page was read, and brings each order's row as it is now: the cache puts it
 * wherever the order is shown. Which orders are on the page, and how many are in each state, only the
 * server can say: while anything happens the page is read again, but seldom, and never twice at once.
 */
export function useLiveOrders(search: OrderSearch): LiveOrders {
  const client = useClient();
  const [result, execute] = useQuery({ query: ORDERS, variables: variablesOf(search) });
  const [feedError, setFeedError] = useState<CombinedError>();
  const page = result.data?.orders ?? undefined;
  const shown = useLast(page);

  const filter = JSON.stringify(filterOf(search));
  const [watched, setWatched] = useState<Watched>();
  const reading = result.fetching || result.stale;
  if (page && !reading && watched?.filter !== filter) setWatched({ filter, after: page.feedCursor });

  const changed = useRef(false);
  useEffect(() => {
    if (watched === undefined) return undefined;
    changed.current = false;
    const variables = { filter: JSON.parse(watched.filter) as object, after: watched.after };
    const feed = client.subscription(ORDER_FEED, variables).subscribe(({ error }) => {
      changed.current = true;
      setFeedError(error);
    });
    return () => { feed.unsubscribe(); };
  }, [client, watched]);

  const isReading = useRef(reading);
  useEffect(() => { isReading.current = reading; }, [reading]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!changed.current || isReading.current || document.hidden) return;
      // What happens from here on may be missing from the answer: it asks for another reading.
      changed.current = false;
      execute({ requestPolicy: "network-only" });
    }, READ_AGAIN_EVERY);
    return () => { clearInterval(timer); };
  }, [execute]);

  const readAgain = useCallback(() => {
    setFeedError(undefined);
    setWatched(undefined);
    execute({ requestPolicy: "network-only" });
  }, [execute]);
  useRetryWhileAway(result.error, readAgain);

  return { page: shown, busy: page === undefined, error: result.error, feedError, readAgain };
}
