import type { User, UserManager, UserManagerSettings } from "oidc-client-ts";
import { useSyncExternalStore } from "react";

/** What the server says about access, in a meta tag of the page. It contains no secret. */
interface PageAccess {
  /** Everybody may use the API, in development. */
  isOpen: boolean;
  signIn: { issuer: string; client_id: string; scopes: string; audience: string } | null;
}

interface Session {
  /** "unneeded": the API is open. "unavailable": it needs a token, but no client ID is configured. */
  status: "unneeded" | "unavailable" | "signed-out" | "signed-in";
  isOpen: boolean;
  name?: string | undefined;
  /** The scopes of the token. Undefined without a sign-in. */
  scopes?: ReadonlySet<string>;
  /** Why the session ended or the sign-in failed. */
  problem?: string | undefined;
}

/** The issuer did not respond, so the token could not be renewed. The request can be repeated later. */
export class IssuerUnavailable extends Error {}

/** The only address to register with the issuer. It returns here from signing in and signing out. */
export const SIGN_IN_PATH = "/sign-in";
const RENEWAL_MARGIN = 10; // seconds before a token expires
const TEMPORARY_ERRORS: ReadonlySet<string | null> = new Set(["server_error", "temporarily_unavailable"]);

let session: Session = { status: "unneeded", isOpen: false };
let manager: UserManager | undefined;
let user: User | null = null;
let renewal: Promise<string | undefined> | undefined;
let rejected: string | undefined;
const listeners = new Set<() => void>();

function show(next: User | null, problem?: string): void {
  user = next;
  const { isOpen } = session;
  if (next === null) session = { status: "signed-out", isOpen, problem };
  else session = { status: "signed-in", isOpen, name: next.profile.name ?? next.profile.sub, scopes: new Set(next.scopes.map(bare)) };
  for (const listener of listeners) listener();
}

/** Some issuers prefix the scopes of an API with its URL. */
const bare = (scope: string) => scope.slice(scope.lastIndexOf("/") + 1);

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Restore the session of this tab, or complete a sign-in. Call before the page is rendered.
 *
 * Tokens are in sessionStorage: they survive a reload, and other tabs and later visits do not have them.
 */
export async function restoreSession(): Promise<void> {
  const tag = document.querySelector<HTMLMetaElement>("meta[name=access]");
  const { isOpen, signIn } = JSON.parse(tag?.content ?? "{}") as Partial<PageAccess>; // empty in Vite's development server
  session = { status: isOpen === false && !signIn ? "unavailable" : "unneeded", isOpen: isOpen ?? false };
  if (!signIn) return;

  const oidc = await import("oidc-client-ts");
  const store = new oidc.WebStorageStateStore({ store: window.sessionStorage });
  const address = new URL(SIGN_IN_PATH, window.location.href).href;
  const settings: UserManagerSettings = {
    authority: signIn.issuer,
    client_id: signIn.client_id,
    scope: signIn.scopes,
    extraQueryParams: { audience: signIn.audience }, // Auth0 requires it, and others ignore it
    redirect_uri: address,
    post_logout_redirect_uri: address,
    userStore: store,
    stateStore: store,
    automaticSilentRenew: false, // accessToken() renews when a token is needed, and needs no iframe
  };
  manager = new oidc.UserManager(settings);
  show(await manager.getUser());
  const answer = new URLSearchParams(window.location.search);
  if (window.location.pathname !== SIGN_IN_PATH || !(answer.has("code") || answer.has("error"))) return;
  try {
    const { state } = await manager.signinRedirectCallback();
    window.location.replace(typeof state === "string" ? state : "/"); // leaves no code in the history
    await new Promise(() => undefined); // until the page is gone
  } catch (error) {
    show(null, messageOf(error));
  }
}

export async function signIn(): Promise<void> {
  const { pathname, search } = window.location;
  try {
    await manager?.signinRedirect({ state: pathname === SIGN_IN_PATH ? "/" : pathname + search });
  } catch (error) {
    show(null, messageOf(error));
  }
}

/** Sign out here and at the issuer. Not every issuer can revoke tokens or end its own session. */
export async function signOut(): Promise<void> {
  await manager?.revokeTokens(["refresh_token"]).catch(() => undefined);
  try {
    await manager?.signoutRedirect();
  } catch {
    await manager?.removeUser();
    window.location.assign(SIGN_IN_PATH);
  }
}

/**
 * The token to send, renewed if it is about to expire or was rejected. Undefined without a session.
 *
 * Throws IssuerUnavailable.
 */
export async function accessToken(): Promise<string | undefined> {
  if (user === null) return undefined;
  const isFresh = user.expires_in === undefined || user.expires_in > RENEWAL_MARGIN;
  if (isFresh && user.access_token !== rejected) return user.access_token;
  // Requests share one renewal: an issuer that rotates refresh tokens accepts each of them once.
  renewal ??= renew(user).finally(() => { renewal = undefined; });
  return renewal;
}

/** The API rejected this token, whatever its expiry says. The next request renews it. */
export function rejectToken(token: string | undefined): void {
  rejected = token;
}

async function renew({ refresh_token }: User): Promise<string | undefined> {
  const { ErrorResponse } = await import("oidc-client-ts");
  try {
    const renewed = refresh_token === undefined ? null : await manager?.signinSilent();
    if (renewed) {
      show(renewed);
      return renewed.access_token;
    }
  } catch (error) {
    if (!(error instanceof ErrorResponse) || TEMPORARY_ERRORS.has(error.error)) throw new IssuerUnavailable(messageOf(error));
  }
  await manager?.removeUser();
  show(null, "Your session has ended.");
  return undefined;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const currentSession = (): Session => session;

export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession);
}

/** Whether the API would accept an action that needs this scope. It decides; this only hides what it would refuse. */
export function useMay(scope: string): boolean {
  return useSession().scopes?.has(scope) ?? true;
}
