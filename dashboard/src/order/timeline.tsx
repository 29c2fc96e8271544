import type { EventLineFragment } from "../generated/graphql";
import { inClock, inMoment, inWords } from "../ui/words";

interface TimelineProps {
  events: readonly EventLineFragment[];
  newestSeen: number | undefined;
}

/** What happened, the oldest first, growing at its end. */
export function Timeline({ events, newestSeen }: TimelineProps) {
  return (
    <section className="card" aria-labelledby="timeline">
      <h2 id="timeline" className="mb-3">What happened</h2>
      {events.length === 0 && <p className="quiet text-sm">Nothing is on record yet.</p>}
      <ol className="border-l-2 border-slate-200 dark:border-slate-700">
        {events.map((event) => <TimelineEvent key={event.sequence} event={event} isNew={event.sequence === newestSeen} />)}
      </ol>
    </section>
  );
}

function TimelineEvent({ event, isNew }: { event: EventLineFragment; isNew: boolean }) {
  const details = detailsOf(event.payload);
  return (
    <li data-sequence={event.sequence} className="relative pb-4 pl-5 last:pb-0">
      <span aria-hidden="true" className={`absolute top-1.5 -left-[7px] size-3 rounded-full bg-indigo-500 ${isNew ? "lights-up" : ""}`} />
      <p className="text-sm font-medium wrap-anywhere">{event.message}</p>
      <p className="quiet text-xs wrap-anywhere">
        <span className="tabular-nums">{event.sequence}</span> · {inWords(event.type)} ·{" "}
        <time dateTime={event.at} title={inMoment(event.at)}>{inClock(event.at)}</time>
        {event.fromState && event.fromState !== event.state && ` · ${inWords(event.fromState)} → ${inWords(event.state)}`}
        {event.commandId && <> · command <code>{event.commandId}</code></>}
      </p>
      {details.length > 0 && (
        <details className="mt-1 text-xs">
          <summary className="quiet w-fit cursor-pointer">Details<span className="sr-only"> of event {event.sequence}</span></summary>
          <dl className="facts mt-1 text-xs">
            {details.map(([name, value]) => [<dt key={`${name}-name`}>{name}</dt>, <dd key={name}>{value}</dd>])}
          </dl>
        </details>
      )}
    </li>
  );
}

function detailsOf(payload: unknown): [string, string][] {
  if (typeof payload !== "object" || payload === null) return [];
  return Object.entries(payload)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, inText(value)]);
}

/** A value of the payload in one line: of an address its parts, as they are written on a parcel. */
function inText(value: unknown): string {
  if (typeof value === "object" && value !== null) {
    return Object.values(value).filter((part) => part !== null).map(inText).join(", ");
  }
  return String(value);
}
