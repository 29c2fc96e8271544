import type { FormattedExecutionResult } from "graphql";
import type { Sink, SubscribePayload } from "graphql-ws";

type Result = FormattedExecutionResult<Record<string, unknown>>;
interface Resumption {
  payload: SubscribePayload;
  sink: Sink<Result>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/**
 * Make a subscription go on where it stood.
 *
 * After a lost connection graphql-ws sends the payload it was given once more, so the payload's
 * variables follow what has arrived. What arrives a second time all the same is dropped here.
 */
export function resuming(payload: SubscribePayload, sink: Sink<Result>): Resumption {
  const variables: Record<string, unknown> = { ...payload.variables };
  const firstSequence = variables["afterSequence"];
  let sequence = typeof firstSequence === "number" ? firstSequence : 0;

  const isNew = (result: Result): boolean => {
    const { orderEvents, orderFeed } = result.data ?? {};
    if (isRecord(orderEvents) && typeof orderEvents["sequence"] === "number") {
      if (orderEvents["sequence"] <= sequence) return false;
      sequence = orderEvents["sequence"];
      variables["afterSequence"] = sequence;
    }
    if (isRecord(orderFeed) && typeof orderFeed["feedCursor"] === "string") {
      variables["after"] = orderFeed["feedCursor"];
    }
    return true;
  };

  return {
    payload: { ...payload, variables },
    sink: {
      next: (result) => {
        if (isNew(result)) sink.next(result);
      },
      error: (error) => { sink.error(error); },
      complete: () => { sink.complete(); },
    },
  };
}
