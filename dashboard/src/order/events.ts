import type { EventLineFragment } from "../generated/graphql";

/** Bring events that are known together with others, each once, the oldest first. */
export function withEvents(
  known: readonly EventLineFragment[],
  others: readonly EventLineFragment[],
): readonly EventLineFragment[] {
  const bySequence = new Map(known.map((event) => [event.sequence, event]));
  const added = others.filter((event) => !bySequence.has(event.sequence));
  if (added.length === 0) return known;
  for (const event of added) bySequence.set(event.sequence, event);
  return [...bySequence.values()].sort((one, other) => one.sequence - other.sequence);
}
