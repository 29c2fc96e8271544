import { useEffect } from "react";
import type { CombinedError } from "urql";

const EVERY = 2_000; // milliseconds
const PASSING: ReadonlySet<unknown> = new Set(["SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS", "REQUEST_TIMEOUT"]);

/** Ask again, and again, while the API does not answer, or says that it cannot now. Any other error stays. */
export function useRetryWhileAway(error: CombinedError | undefined, ask: () => void): void {
  useEffect(() => {
    if (!error || !mayPass(error)) return undefined;
    const timer = setTimeout(ask, EVERY);
    return () => { clearTimeout(timer); };
  }, [error, ask]);
}

function mayPass({ networkError, graphQLErrors }: CombinedError): boolean {
  return networkError !== undefined || graphQLErrors.every(({ extensions }) => PASSING.has(extensions["code"]));
}
