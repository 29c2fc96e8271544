import type { ReactNode } from "react";
import type { CombinedError } from "urql";

const TONES = {
  problem: "border-rose-300 bg-rose-50 text-rose-900 dark:border-rose-900 dark:bg-rose-950/60 dark:text-rose-200",
  wait: "border-amber-300 bg-amber-50 text-amber-900 dark:border-amber-900 dark:bg-amber-950/60 dark:text-amber-200",
  good: "border-emerald-300 bg-emerald-50 text-emerald-900 dark:border-emerald-900 dark:bg-emerald-950/60 dark:text-emerald-200",
};

interface NoticeProps {
  tone: keyof typeof TONES;
  children: ReactNode;
}

/** Something that the reader has to know: said at once where it is a problem, else when there is a pause. */
export function Notice({ tone, children }: NoticeProps) {
  return (
    <div role={tone === "problem" ? "alert" : "status"} className={`rounded-lg border px-3 py-2 text-sm ${TONES[tone]}`}>
      {children}
    </div>
  );
}

/** What went wrong with a request, in the API's words where it had any. */
export function inWordsOf(error: CombinedError): string {
  if (error.networkError) return "The API does not answer.";
  return error.graphQLErrors.map(({ message }) => message).join(" ");
}

export function RequestFailed({ error, retry }: { error: CombinedError; retry?: () => void }) {
  return (
    <Notice tone="problem">
      <span>{inWordsOf(error)}</span>
      {retry && <button type="button" className="button ml-3" onClick={retry}>Try again</button>}
    </Notice>
  );
}

export function Loading({ what }: { what: string }) {
  return <p role="status" className="quiet py-10 text-center text-sm">Reading {what} …</p>;
}
