import { useCallback } from "react";
import { Link, useSearchParams } from "react-router";

import { useTitle } from "../ui/hooks";
import { Loading, Notice, RequestFailed, errorMessage } from "../ui/notice";
import { Filters } from "./filters";
import { OrderTable } from "./order-table";
import { readSearch, writeSearch, type OrderSearch } from "./search";
import { StateCounts } from "./state-counts";
import { useLiveOrders } from "./use-live-orders";

export function OrdersPage() {
  useTitle();
  const [params, setParams] = useSearchParams();
  const search = readSearch(params);
  const { page, isStale, error, feedError, reload } = useLiveOrders(search);

  // A changed filter resets the list to its first page.
  const change = useCallback(
    (part: Partial<OrderSearch>) => {
      setParams((current) => writeSearch({ ...readSearch(current), after: null, before: null, ...part }), { replace: true });
    },
    [setParams],
  );
  const goToPage = (part: Partial<OrderSearch>) => {
    setParams(writeSearch({ ...search, after: null, before: null, ...part }));
  };

  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1>Orders</h1>
        <Link to="/new-order" className="button button-primary">New order</Link>
      </div>
      <Filters search={search} onChange={change} />
      <StateCounts counts={page?.stateCounts ?? []} selected={search.states} onChange={(states) => { change({ states }); }} />
      {error && <div className="mb-3"><RequestFailed error={error} retry={reload} /></div>}
      {feedError && (
        <div className="mb-3">
          <Notice tone="warning">
            Live updates stopped: {errorMessage(feedError)}
            <button type="button" className="button ml-3" onClick={reload}>Resume</button>
          </Notice>
        </div>
      )}
      {page === undefined && !error && <Loading what="orders" />}
      {page && (
        <div aria-busy={isStale} className={isStale ? "opacity-60" : ""}>
          {page.nodes.length > 0 ? <OrderTable orders={page.nodes} /> : <NoOrders filtered={params.size > 0} />}
          <nav aria-label="Order pages" className="mt-4 flex gap-2">
            <button
              type="button"
              className="button"
              disabled={!page.pageInfo.hasPreviousPage}
              onClick={() => { goToPage({ before: page.pageInfo.startCursor ?? null }); }}
            >
              Previous
            </button>
            <button
              type="button"
              className="button"
              disabled={!page.pageInfo.hasNextPage}
              onClick={() => { goToPage({ after: page.pageInfo.endCursor ?? null }); }}
            >
              Next
            </button>
            {(search.after ?? search.before) !== null && (
              <button type="button" className="button" onClick={() => { goToPage({}); }}>First page</button>
            )}
          </nav>
        </div>
      )}
    </>
  );
}

function NoOrders({ filtered }: { filtered: boolean }) {
  return (
    <div className="card py-12 text-center">
      {filtered ? (
        <p>No orders match these filters. <Link to="/" className="text-link">Clear filters</Link></p>
      ) : (
        <p>No orders yet. <Link to="/new-order" className="text-link">Create an order</Link></p>
      )}
    </div>
  );
}
