import type { ReactNode } from "react";
import type { CombinedError } from "urql";

import { IssuerUnavailable } from "../session/session";

const TONES = {
  error: "border-rose-300 bg-rose-50 text-rose-900 dark:border-rose-900 dark:bg-rose-950/60 dark:text-rose-200",
  warning: "border-amber-300 bg-amber-50 text-amber-900 dark:border-amber-900 dark:bg-amber-950/60 dark:text-amber-200",
  success: "border-emerald-300 bg-emerald-50 text-emerald-900 dark:border-emerald-900 dark:bg-emerald-950/60 dark:text-emerald-200",
};

interface NoticeProps {
  tone: keyof typeof TONES;
  children: ReactNode;
}

/** Screen readers announce an error at once and other notices at the next pause. */
export function Notice({ tone, children }: NoticeProps) {
  return (
    <div role={tone === "error" ? "alert" : "status"} className={`rounded-lg border px-3 py-2 text-sm ${TONES[tone]}`}>
      {children}
    </div>
  );
}

export function errorMessage(error: CombinedError): string {
  if (error.networkError instanceof IssuerUnavailable) return "The issuer did not respond, so you could not be signed in again.";
  if (error.networkError) return "The API did not respond. Check that it is running.";
  return error.graphQLErrors.map(({ message }) => message).join(" ");
}

export function RequestFailed({ error, retry }: { error: CombinedError; retry?: () => void }) {
  return (
    <Notice tone="error">
      <span>{errorMessage(error)}</span>
      {retry && <button type="button" className="button ml-3" onClick={retry}>Retry</button>}
    </Notice>
  );
}

export function Loading({ what }: { what: string }) {
  return <p role="status" className="muted py-10 text-center text-sm">Loading {what}…</p>;
}
