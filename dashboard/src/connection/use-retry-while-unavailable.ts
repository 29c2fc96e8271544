import { useEffect } from "react";
import type { CombinedError } from "urql";

const RETRY_DELAY = 2_000; // milliseconds
const TRANSIENT_CODES: ReadonlySet<unknown> = new Set(["SERVICE_UNAVAILABLE", "TOO_MANY_REQUESTS", "REQUEST_TIMEOUT"]);

/** Retry while the API does not respond or reports a transient error. Other errors are left to the user. */
export function useRetryWhileUnavailable(error: CombinedError | undefined, retry: () => void): void {
  useEffect(() => {
    if (!error || !isTransient(error)) return undefined;
    const timer = setTimeout(retry, RETRY_DELAY);
    return () => { clearTimeout(timer); };
  }, [error, retry]);
}

function isTransient({ networkError, graphQLErrors }: CombinedError): boolean {
  return networkError !== undefined || graphQLErrors.every(({ extensions }) => TRANSIENT_CODES.has(extensions["code"]));
}
