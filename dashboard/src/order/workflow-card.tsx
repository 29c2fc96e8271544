import { inMoment, inWords } from "../ui/words";
import type { OrderOnPage } from "./use-live-order";

export function WorkflowCard({ order }: { order: OrderOnPage }) {
  const { workflow } = order;
  return (
    <section className="card" aria-labelledby="workflow">
      <h2 id="workflow" className="mb-2">Workflow</h2>
      {workflow ? (
        <>
          <dl className="facts">
            <dt>Status</dt><dd>{inWords(workflow.status)}</dd>
            <dt>Step</dt><dd>{workflow.step ? <code>{workflow.step}</code> : "no worker answers"}</dd>
            <dt>Run</dt><dd><code>{workflow.runId}</code></dd>
            <dt>Queue</dt><dd><code>{workflow.taskQueue}</code></dd>
            <dt>Started</dt><dd><time dateTime={workflow.startedAt}>{inMoment(workflow.startedAt)}</time></dd>
            {workflow.closedAt && <><dt>Closed</dt><dd><time dateTime={workflow.closedAt}>{inMoment(workflow.closedAt)}</time></dd></>}
            <dt>History</dt><dd>{workflow.historyLength} events</dd>
          </dl>
          {workflow.uiUrl && (
            <p className="mt-3 text-sm"><a href={workflow.uiUrl} target="_blank" rel="noreferrer" className="text-link">In Temporal&rsquo;s own page<span className="sr-only"> (new window)</span></a></p>
          )}
        </>
      ) : <p className="quiet text-sm">Temporal has forgotten it, or is out of reach.</p>}
    </section>
  );
}
