import type { CombinedError } from "urql";

import { useSession } from "./session";

/** One of the scopes is enough for the field. */
interface Requirement {
  scopes: string[];
  field?: string;
}

/** What the caller lacks, if that is why the API refused the request. */
export function missingScopes(error: CombinedError | undefined): Requirement[] {
  return (error?.graphQLErrors ?? [])
    .filter(({ extensions }) => extensions["code"] === "FORBIDDEN")
    .map(({ extensions }) => ({ scopes: extensions["scopes"] as string[], field: extensions["field"] as string }));
}

/** Instead of a page that the caller may not use. */
export function MissingScopes({ missing }: { missing: readonly Requirement[] }) {
  const { scopes = new Set<string>() } = useSession();
  // A customer's token is of no use in the dashboard.
  const needed = missing.map(({ scopes, field }) => ({ field, text: scopes.filter((scope) => scope !== "orders:own").join(" or ") }));
  return (
    <section className="mx-auto max-w-2xl py-12">
      <h1>You may not use this page</h1>
      <p className="my-3">It needs these scopes, which you do not have:</p>
      <ul className="list-disc pl-6">
        {needed.map(({ field, text }) => <li key={`${text} ${field}`}><code>{text}</code>{field && <> for <code>{field}</code></>}</li>)}
      </ul>
      <p className="my-3">
        You have: {[...scopes].filter((scope) => scope.includes(":")).map((scope) => <code key={scope} className="mr-2">{scope}</code>)}
        {![...scopes].some((scope) => scope.includes(":")) && "none"}
      </p>
      <p>Ask whoever manages your account for them. Then sign out and in again.</p>
    </section>
  );
}
