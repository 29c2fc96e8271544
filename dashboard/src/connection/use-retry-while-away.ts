import { useEffect } from "react";
import type { CombinedError } from "urql";

const EVERY = 2_000; // milliseconds

/** Ask again, and again, while the API does not answer at all. What it answers with an error stays. */
export function useRetryWhileAway(error: CombinedError | undefined, ask: () => void): void {
  useEffect(() => {
    if (!error?.networkError) return undefined;
    const timer = setTimeout(ask, EVERY);
    return () => { clearTimeout(timer); };
  }, [error, ask]);
}
