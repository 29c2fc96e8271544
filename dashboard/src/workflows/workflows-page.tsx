import { Link } from "react-router";
import { useQuery } from "urql";

import { useRetryWhileUnavailable } from "../connection/use-retry-while-unavailable";
import type { WorkflowsQuery } from "../generated/graphql";
import { MissingScopes, missingScopes } from "../session/missing-scopes";
import { DebouncedField } from "../ui/debounced-field";
import { enumLabel, formatDateTime } from "../ui/format";
import { useLatestDefined, useTitle } from "../ui/hooks";
import { Loading, RequestFailed } from "../ui/notice";
import { toggled, useUrlSearch } from "../ui/use-url-search";
import { WORKFLOWS } from "./operations";
import { STATUSES, readSearch, variablesOf, writeSearch, type WorkflowSearch } from "./search";

const FORMAT = { readSearch, writeSearch };

type Workflow = NonNullable<WorkflowsQuery["workflows"]>["nodes"][number];

export function WorkflowsPage() {
  useTitle("Workflows");
  const { search, change, goTo } = useUrlSearch(FORMAT);
  const [result, execute] = useQuery({ query: WORKFLOWS, variables: variablesOf(search) });
  const loaded = result.data?.workflows ?? undefined;
  const page = useLatestDefined(loaded);
  const reload = () => { execute({ requestPolicy: "network-only" }); };
  useRetryWhileUnavailable(result.error, reload);
  // A changed filter resets the list to its first page.
  const filter = (next: (latest: WorkflowSearch) => Partial<WorkflowSearch>) => {
    change((latest) => ({ ...latest, after: null, ...next(latest) }));
  };

  const missing = missingScopes(result.error);
  if (missing.length > 0) return <MissingScopes missing={missing} />;
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <h1>Workflows</h1>
        <button type="button" className="button" onClick={reload}>Reload</button>
      </div>
      <p className="muted mb-4 text-sm">Temporal&apos;s own search. It lags the orders by about a second, and this page does not update live.</p>
      <search className="card mb-4 grid gap-3 sm:grid-cols-2">
        <fieldset>
          <legend className="label">Execution status</legend>
          <div className="flex flex-wrap gap-1.5">
            {STATUSES.map((status) => (
              <button
                key={status}
                type="button"
                aria-pressed={search.statuses.includes(status)}
                className="chip"
                onClick={() => { filter(({ statuses }) => ({ statuses: toggled(statuses, status) })); }}
              >
                {enumLabel(status)}
              </button>
            ))}
          </div>
        </fieldset>
        <DebouncedField label="Words of the customer name" type="search" value={search.customerName} onChange={(customerName) => { filter(() => ({ customerName })); }} />
      </search>
      {result.error && <div className="mb-3"><RequestFailed error={result.error} retry={reload} /></div>}
      {!page && !result.error && <Loading what="workflows" />}
      {page && (
        <>
          {page.totalCount != null && <p role="status" className="muted my-2 text-sm">{countOf(page.totalCount)}</p>}
          {page.nodes.length > 0 ? <WorkflowTable workflows={page.nodes} /> : <p className="card py-12 text-center">No workflows match.</p>}
          <p className="muted mt-3 text-xs">Query for Temporal&apos;s tools: <code className="wrap-anywhere">{page.query}</code></p>
          <nav aria-label="Workflow pages" className="mt-4 flex gap-2">
            {search.after !== null && <button type="button" className="button" onClick={() => { filter(() => ({})); }}>First page</button>}
            <button
              type="button"
              className="button"
              disabled={loaded === undefined || !page.pageInfo.hasNextPage}
              onClick={() => { goTo((latest) => ({ ...latest, after: page.pageInfo.endCursor ?? null })); }}
            >
              Next
            </button>
          </nav>
        </>
      )}
    </>
  );
}

const countOf = (count: number) => `${count.toLocaleString()} ${count === 1 ? "workflow" : "workflows"}`;

function WorkflowTable({ workflows }: { workflows: readonly Workflow[] }) {
  return (
    <div className="card overflow-x-auto p-0 sm:p-0">
      <table className="table">
        <caption className="sr-only">Workflow executions, open ones first</caption>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Status</th>
            <th scope="col" className="max-sm:hidden">Customer</th>
            <th scope="col" className="max-md:hidden">Priority</th>
            <th scope="col" className="text-right max-md:hidden">Total</th>
            <th scope="col" className="max-lg:hidden">Started</th>
            <th scope="col" className="max-lg:hidden">Closed</th>
          </tr>
        </thead>
        <tbody>
          {workflows.map((workflow) => (
            <tr key={workflow.id}>
              <td><Link to={`/orders/${encodeURIComponent(workflow.workflowId)}`} className="text-link font-medium wrap-anywhere">{workflow.workflowId}</Link></td>
              <td>{enumLabel(workflow.status)}</td>
              <td className="max-sm:hidden">{workflow.customerName}</td>
              <td className="max-md:hidden">{workflow.priority && enumLabel(workflow.priority)}</td>
              <td className="text-right tabular-nums max-md:hidden">{workflow.orderTotal}</td>
              <td className="whitespace-nowrap max-lg:hidden">{formatDateTime(workflow.startedAt)}</td>
              <td className="whitespace-nowrap max-lg:hidden">{workflow.closedAt && formatDateTime(workflow.closedAt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
