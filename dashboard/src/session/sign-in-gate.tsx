import type { ReactNode } from "react";

import { Notice } from "../ui/notice";
import { signIn, useSession } from "./session";

interface SignInGateProps {
  /** The page has a place to enter a token by hand. */
  acceptsToken?: boolean;
  children: ReactNode;
}

/** Shows the page, or how to sign in first. */
export function SignInGate({ acceptsToken = false, children }: SignInGateProps) {
  const { status, problem } = useSession();
  if (status === "unavailable" && !acceptsToken) {
    return (
      <div className="mx-auto max-w-md px-4 py-16">
        <Notice tone="warning">
          The API needs a token, and the dashboard cannot get one: set <code>AUTH_ISSUER</code>, <code>AUTH_AUDIENCE</code> and{" "}
          <code>AUTH_CLIENT_ID</code>, and restart the API.
        </Notice>
      </div>
    );
  }
  if (status !== "signed-out") return children;
  return (
    <div className="mx-auto grid max-w-md gap-4 px-4 py-16 text-center">
      <h1>Orders</h1>
      {problem && <Notice tone="warning">{problem}</Notice>}
      <p>Sign in to see and manage orders.</p>
      <div><button type="button" className="button button-primary" onClick={() => { void signIn(); }}>Sign in</button></div>
    </div>
  );
}
