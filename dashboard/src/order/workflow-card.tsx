import { formatDateTime, enumLabel } from "../ui/format";
import type { OrderOnPage } from "./use-live-order";

export function WorkflowCard({ order }: { order: OrderOnPage }) {
  const { workflow } = order;
  return (
    <section className="card" aria-labelledby="workflow">
      <h2 id="workflow" className="mb-2">Workflow</h2>
      {workflow ? (
        <>
          <dl className="details">
            <dt>Status</dt><dd>{enumLabel(workflow.status)}</dd>
            <dt>Step</dt><dd>{workflow.step ? <code>{workflow.step}</code> : "unavailable: no worker responded"}</dd>
            <dt>Run ID</dt><dd><code>{workflow.runId}</code></dd>
            <dt>Task queue</dt><dd><code>{workflow.taskQueue}</code></dd>
            <dt>Started</dt><dd><time dateTime={workflow.startedAt}>{formatDateTime(workflow.startedAt)}</time></dd>
            {workflow.closedAt && <><dt>Closed</dt><dd><time dateTime={workflow.closedAt}>{formatDateTime(workflow.closedAt)}</time></dd></>}
            <dt>History</dt><dd>{workflow.historyLength} events</dd>
          </dl>
          {workflow.uiUrl && (
            <p className="mt-3 text-sm"><a href={workflow.uiUrl} target="_blank" rel="noreferrer" className="text-link">Open in Temporal UI<span className="sr-only"> (new window)</span></a></p>
          )}
        </>
      ) : <p className="muted text-sm">Temporal is unavailable, or the workflow is past its retention period.</p>}
    </section>
  );
}
