// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const ISSUER = "https://login.example";
const API = "http://orders.example/graphql";

interface Answer { status: number; body: object }

/** What the issuer answers to a refresh token; the API accepts only tokens that it made. */
let refreshed: () => Answer;
let refreshes: number;
let calls: (string | null)[];

function answer(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const url = input instanceof Request ? input.url : String(input);
  if (url.endsWith("/.well-known/openid-configuration")) return Promise.resolve(Response.json({ issuer: ISSUER, token_endpoint: `${ISSUER}/token` }));
  if (url === `${ISSUER}/token`) {
    refreshes += 1;
    const { status, body } = refreshed();
    return Promise.resolve(Response.json(body, { status }));
  }
  const authorization = new Headers(init?.headers).get("authorization");
  calls.push(authorization);
  return Promise.resolve(new Response("{}", { status: authorization?.startsWith("Bearer new") ? 200 : 401 }));
}

/** Load the modules of a page with these tags and this stored session. */
async function open(access: object | undefined, token = { value: "old", expiresIn: 600, refresh: true }) {
  document.head.innerHTML = access ? `<meta name="access" content='${JSON.stringify(access)}' />` : "";
  const stored = {
    access_token: token.value, token_type: "Bearer", scope: "openid https://orders.example/orders:read", profile: { sub: "u-1", name: "Ada" },
    expires_at: Math.floor(Date.now() / 1000) + token.expiresIn, ...(token.refresh && { refresh_token: "r" }),
  };
  sessionStorage.setItem(`oidc.user:${ISSUER}:dashboard`, JSON.stringify(stored));
  vi.resetModules();
  const session = await import("./session");
  const { authorizedFetch } = await import("../connection/authorized-fetch");
  await session.restoreSession();
  return { ...session, authorizedFetch };
}

const SIGN_IN = { isOpen: false, signIn: { issuer: ISSUER, client_id: "dashboard", scopes: "openid", audience: "orders" } };

beforeEach(() => {
  refreshes = 0;
  calls = [];
  refreshed = () => ({ status: 200, body: { access_token: `new-${refreshes}`, token_type: "Bearer", expires_in: 600, refresh_token: `r-${refreshes}` } });
  vi.stubGlobal("fetch", answer);
});
afterEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

test("without a sign-in no token is sent", async () => {
  const { accessToken, currentSession } = await open({ isOpen: true, signIn: null });
  expect(await accessToken()).toBeUndefined();
  expect(currentSession()).toMatchObject({ status: "unneeded", isOpen: true });
});

test("an API that needs a token without a client for the dashboard makes the dashboard unavailable", async () => {
  expect((await open({ isOpen: false, signIn: null })).currentSession().status).toBe("unavailable");
  expect((await open(undefined)).currentSession().status).toBe("unneeded");
});

test("a session is restored with its name and its scopes, without the prefix of the API", async () => {
  const { accessToken, currentSession } = await open(SIGN_IN);
  expect(await accessToken()).toBe("old");
  expect(currentSession()).toMatchObject({ status: "signed-in", name: "Ada", scopes: new Set(["openid", "orders:read"]) });
});

test("requests share one renewal of a token that is about to expire", async () => {
  const { accessToken } = await open(SIGN_IN, { value: "old", expiresIn: 5, refresh: true });
  expect(await Promise.all([accessToken(), accessToken(), accessToken()])).toEqual(["new-1", "new-1", "new-1"]);
  expect(await accessToken()).toBe("new-1");
});

test("a request with a token that the API rejects is repeated once with a new one", async () => {
  const { authorizedFetch } = await open(SIGN_IN);
  expect((await authorizedFetch(API, { method: "POST", headers: { "content-type": "application/json" } })).status).toBe(200);
  expect(calls).toEqual(["Bearer old", "Bearer new-1"]);
});

test("a new token that the API rejects as well is not renewed again and again", async () => {
  refreshed = () => ({ status: 200, body: { access_token: "bad", token_type: "Bearer", expires_in: 600 } });
  const { authorizedFetch } = await open(SIGN_IN);
  expect((await authorizedFetch(API)).status).toBe(401);
  expect(calls).toEqual(["Bearer old", "Bearer bad"]);
});

test("a token that was entered by hand is sent instead, and its rejection ends no session", async () => {
  const { authorizedFetch, currentSession } = await open(SIGN_IN);
  expect((await authorizedFetch(API, { headers: { Authorization: "Bearer mine" } })).status).toBe(401);
  expect(calls).toEqual(["Bearer mine"]);
  expect([refreshes, currentSession().status]).toEqual([0, "signed-in"]);
});

test.each([
  ["the issuer refuses to renew it", true, { status: 400, body: { error: "invalid_grant" } }],
  ["it has no refresh token", false, { status: 200, body: {} }],
])("an expired token ends the session if %s", async (_reason, refresh, response) => {
  refreshed = () => response;
  const { accessToken, currentSession } = await open(SIGN_IN, { value: "old", expiresIn: -5, refresh });
  expect(await accessToken()).toBeUndefined();
  expect(currentSession()).toMatchObject({ status: "signed-out", problem: "Your session has ended." });
  expect(sessionStorage.getItem(`oidc.user:${ISSUER}:dashboard`)).toBeNull();
});

test("an issuer that does not respond ends no session, and the next request tries again", async () => {
  const working = refreshed;
  refreshed = () => ({ status: 503, body: { error: "temporarily_unavailable" } });
  const { accessToken, currentSession, IssuerUnavailable } = await open(SIGN_IN, { value: "old", expiresIn: -5, refresh: true });
  await expect(accessToken()).rejects.toBeInstanceOf(IssuerUnavailable);
  refreshed = () => { throw new TypeError("Failed to fetch"); };
  await expect(accessToken()).rejects.toBeInstanceOf(IssuerUnavailable);
  expect(currentSession().status).toBe("signed-in");
  refreshed = working;
  expect(await accessToken()).toMatch(/^new-/);
});
