import type { FormattedExecutionResult } from "graphql";
import type { Sink, SubscribePayload } from "graphql-ws";

type Result = FormattedExecutionResult<Record<string, unknown>>;
interface ResumableSubscription {
  payload: SubscribePayload;
  sink: Sink<Result>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/**
 * Wrap a subscription so that it resumes after the last event received.
 *
 * graphql-ws resends the original payload after it reconnects. The returned payload's variables are
 * therefore updated with every event. Events that arrive twice are dropped.
 */
export function resumableSubscription(payload: SubscribePayload, sink: Sink<Result>): ResumableSubscription {
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
