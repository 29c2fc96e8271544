import { Link } from "react-router";

import { MissingScopes, missingScopes } from "../session/missing-scopes";
import { useMay } from "../session/session";
import { useTitle } from "../ui/hooks";
import { Loading, Notice, RequestFailed, errorMessage } from "../ui/notice";
import { FIRST_PAGE, PageButtons } from "../ui/paging";
import { toggled, useUrlSearch } from "../ui/use-url-search";
import { Filters } from "./filters";
import { OrderTable } from "./order-table";
import { readSearch, writeSearch, type ChangeFilters } from "./search";
import { StateCounts } from "./state-counts";
import { useLiveOrders } from "./use-live-orders";

const FORMAT = { readSearch, writeSearch };

export function OrdersPage() {
  useTitle();
  const mayStart = useMay("orders:start");
  const { search, change, goTo } = useUrlSearch(FORMAT);
  const { page, isStale, error, feedError, reload } = useLiveOrders(search);

  // A changed filter resets the list to its first page.
  const filter: ChangeFilters = (next) => { change((latest) => ({ ...latest, ...FIRST_PAGE, ...next(latest) })); };

  const missing = missingScopes(error);
  if (missing.length > 0) return <MissingScopes missing={missing} />;
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1>Orders</h1>
        {mayStart && <Link to="/new-order" className="button button-primary">New order</Link>}
      </div>
      <Filters search={search} onChange={filter} />
      <StateCounts
        counts={page?.stateCounts ?? []}
        selected={search.states}
        onToggle={(state) => { filter(({ states }) => ({ states: toggled(states, state) })); }}
      />
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
          {page.nodes.length > 0 ? <OrderTable orders={page.nodes} /> : <NoOrders filtered={writeSearch(search).size > 0} mayStart={mayStart} />}
          <PageButtons
            label="Order pages"
            after={search.after}
            before={search.before}
            pageInfo={page.pageInfo}
            isStale={isStale}
            goTo={(cursors) => { goTo((latest) => ({ ...latest, ...cursors })); }}
          />
        </div>
      )}
    </>
  );
}

function NoOrders({ filtered, mayStart }: { filtered: boolean; mayStart: boolean }) {
  return (
    <div className="card py-12 text-center">
      {filtered ? (
        <p>No orders match these filters. <Link to="/" className="text-link">Clear filters</Link></p>
      ) : (
        <p>No orders yet. {mayStart && <Link to="/new-order" className="text-link">Create an order</Link>}</p>
      )}
    </div>
  );
}
