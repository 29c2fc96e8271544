import type { EventLineFragment } from "../generated/graphql";
import { formatTime, formatDateTime, enumLabel } from "../ui/format";

interface TimelineProps {
  events: readonly EventLineFragment[];
  /** The last event that arrived while the page was open; it is highlighted. */
  latestSequence: number | undefined;
}

export function Timeline({ events, latestSequence }: TimelineProps) {
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline" className="mb-3">Timeline</h2>
      {events.length === 0 && <p className="muted text-sm">No events yet.</p>}
      <ol className="border-l-2 border-slate-200 dark:border-slate-700">
        {events.map((event) => <TimelineEvent key={event.sequence} event={event} isNew={event.sequence === latestSequence} />)}
      </ol>
    </section>
  );
}

function TimelineEvent({ event, isNew }: { event: EventLineFragment; isNew: boolean }) {
  const details = detailsOf(event.detail);
  return (
    <li data-sequence={event.sequence} className="relative pb-4 pl-5 last:pb-0">
      <span aria-hidden="true" className={`absolute top-1.5 -left-[7px] size-3 rounded-full bg-indigo-500 ${isNew ? "highlight" : ""}`} />
      <p className="text-sm font-medium wrap-anywhere">{event.message}</p>
      <p className="muted text-xs wrap-anywhere">
        <span className="tabular-nums">{event.sequence}</span> · {enumLabel(event.type)} ·{" "}
        <time dateTime={event.at} title={formatDateTime(event.at)}>{formatTime(event.at)}</time>
        {event.fromState && event.fromState !== event.state && ` · ${enumLabel(event.fromState)} → ${enumLabel(event.state)}`}
        {event.commandId && <> · command <code>{event.commandId}</code></>}
        {event.actor && <> by <Sender actor={event.actor} /></>}
      </p>
      {details.length > 0 && (
        <details className="mt-1 text-xs">
          <summary className="muted w-fit cursor-pointer">Details<span className="sr-only"> of event {event.sequence}</span></summary>
          <dl className="details mt-1 text-xs">
            {details.map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
          </dl>
        </details>
      )}
    </li>
  );
}

/** Two people may have the same name, so the ID is shown as well. */
function Sender({ actor: { id, kind, name } }: { actor: NonNullable<EventLineFragment["actor"]> }) {
  const label = kind === "API_KEY" ? "API key " : "";
  return <>{label}{name ? <>{name} (<code>{id}</code>)</> : <code>{id}</code>}</>;
}

function detailsOf(detail: EventLineFragment["detail"]): [string, string][] {
  return Object.entries(detail ?? {})
    .filter(([name, value]) => name !== "__typename" && value !== null)
    .map(([name, value]) => [name, formatValue(value)]);
}

/** Join the values of an object, such as the lines of an address. */
function formatValue(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .filter(([name, part]) => name !== "__typename" && part !== null)
    .map(([, part]) => formatValue(part))
    .join(", ");
}
