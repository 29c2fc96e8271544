import type { EventLineFragment } from "../generated/graphql";

/** Merge by sequence, in ascending order. Returns the known array itself if nothing is new, so that nothing renders again. */
export function mergeEvents(
  known: readonly EventLineFragment[],
  others: readonly EventLineFragment[],
): readonly EventLineFragment[] {
  const bySequence = new Map(known.map((event) => [event.sequence, event]));
  const added = others.filter((event) => !bySequence.has(event.sequence));
  if (added.length === 0) return known;
  for (const event of added) bySequence.set(event.sequence, event);
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
}
