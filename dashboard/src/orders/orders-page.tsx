import { useCallback } from "react";
import { Link, useSearchParams } from "react-router";

import { useTitle } from "../ui/hooks";
import { Loading, Notice, RequestFailed, inWordsOf } from "../ui/notice";
import { Filters } from "./filters";
import { OrderTable } from "./order-table";
import { readSearch, writeSearch, type OrderSearch } from "./search";
import { StateCounts } from "./state-counts";
import { useLiveOrders } from "./use-live-orders";

export function OrdersPage() {
  useTitle("All");
  const [address, setAddress] = useSearchParams();
  const search = readSearch(address);
  const { page, busy, error, feedError, readAgain } = useLiveOrders(search);

  // A changed filter begins at the first page again.
  const change = useCallback(
    (part: Partial<OrderSearch>) => {
      setAddress((now) => writeSearch({ ...readSearch(now), after: null, before: null, ...part }), { replace: true });
    },
    [setAddress],
  );
  const turn = (part: Partial<OrderSearch>) => {
    setAddress(writeSearch({ ...search, after: null, before: null, ...part }));
  };

  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1>Orders</h1>
        <Link to="/new-order" className="button button-primary">New order</Link>
      </div>
      <Filters search={search} onChange={change} />
      <StateCounts counts={page?.stateCounts ?? []} chosen={search.states} onChange={(states) => { change({ states }); }} />
      {error && <div className="mb-3"><RequestFailed error={error} retry={readAgain} /></div>}
      {feedError && (
        <div className="mb-3">
          <Notice tone="wait">
            Not live any more: {inWordsOf(feedError)}
            <button type="button" className="button ml-3" onClick={readAgain}>Watch again</button>
          </Notice>
        </div>
      )}
      {page === undefined && !error && <Loading what="orders" />}
      {page && (
        <div aria-busy={busy} className={busy ? "opacity-60" : ""}>
          {page.nodes.length > 0 ? <OrderTable orders={page.nodes} /> : <NoOrders searched={address.size > 0} />}
          <nav aria-label="Pages of orders" className="mt-4 flex gap-2">
            <button
              type="button"
              className="button"
              disabled={!page.pageInfo.hasPreviousPage}
              onClick={() => { turn({ before: page.pageInfo.startCursor ?? null }); }}
            >
              Previous
            </button>
            <button
              type="button"
              className="button"
              disabled={!page.pageInfo.hasNextPage}
              onClick={() => { turn({ after: page.pageInfo.endCursor ?? null }); }}
            >
              Next
            </button>
            {(search.after ?? search.before) !== null && (
              <button type="button" className="button" onClick={() => { turn({}); }}>First page</button>
            )}
          </nav>
        </div>
      )}
    </>
  );
}

function NoOrders({ searched }: { searched: boolean }) {
  return (
    <div className="card py-12 text-center">
      {searched ? (
        <p>No order matches. <Link to="/" className="text-link">Show all orders</Link></p>
      ) : (
        <p>There are no orders yet. <Link to="/new-order" className="text-link">Start the first one</Link></p>
      )}
    </div>
  );
}
