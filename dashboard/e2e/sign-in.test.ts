import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { button, expectWholeTimeline, waitForState } from "./assertions";
import { describeWindow, launch, openWindow, type Window } from "./browser";
import { Stack, freePort, type OrdersProcess } from "./stack";
import { newCustomer, newOrder } from "./test-data";

const TOKEN_SECONDS = 12; // the API accepts it 5 seconds longer
const EXPIRY_TIMEOUT = 30_000; // milliseconds

interface Api { url: string; api: OrdersProcess }

let stack: Stack; // its API is open, and sets the tests up
let closed: Api;
let limited: Api; // its dashboard asks for orders:read only
let provider: ChildProcess;
let issuer: string;
let browser: Browser;
const windows: Window[] = [];

beforeAll(async () => {
  const ports = [await freePort(), await freePort()];
  [stack, browser] = await Promise.all([Stack.started(), launch()]);
  provider = spawn(process.execPath, ["e2e/oidc-provider.js"], {
    env: {
      ...process.env,
      OIDC_TOKEN_SECONDS: `${TOKEN_SECONDS}`,
      OIDC_REDIRECTS: ports.map((port) => `http://127.0.0.1:${port}/sign-in`).join(" "),
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (!provider.stdout) throw new Error("The provider has no output.");
  [issuer] = (await once(createInterface(provider.stdout), "line")) as [string];
  const settings = { AUTH_ISSUER: issuer, AUTH_AUDIENCE: "https://orders.example", AUTH_CLIENT_ID: "dashboard" };
  closed = await stack.startSecondApi(settings, ports[0]);
  limited = await stack.startSecondApi({ ...settings, AUTH_CLIENT_SCOPES: "openid orders:read" }, ports[1]);
});
afterEach(async ({ task }) => {
  const opened = windows.splice(0);
  if (task.result?.state === "fail") for (const window of opened) console.error(await describeWindow(window));
  await Promise.all(opened.map(({ context }) => context.close()));
});
afterAll(async () => {
  provider.kill("SIGKILL");
  await browser.close();
  await Promise.all([closed.api.stop("SIGTERM"), limited.api.stop("SIGTERM"), stack.stop()]);
});

async function open(api: Api, path: string): Promise<Window> {
  const opened = await openWindow(browser, api.url);
  windows.push(opened);
  // The pages of the provider load a font.
  await opened.context.route("https://fonts.googleapis.com/**", (route) => route.fulfill({ contentType: "text/css", body: "" }));
  await opened.page.goto(path);
  return opened;
}

/** Sign in at the provider, and confirm what the dashboard asks for. */
async function signIn(page: Page, name: string): Promise<void> {
  await button(page, "Sign in").click();
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("a person signs in, sends a command under their name, stays signed in after a reload and signs out", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Ada Lovelace"));
  const { page, consoleErrors } = await open(closed, `/orders/${order}`);
  await signIn(page, "grace");

  await page.waitForURL(`${closed.url}/orders/${order}`);
  await waitForState(page, "AWAITING_APPROVAL");
  await button(page, "Approve").click();
  await button(page.getByRole("dialog"), "Approve").click();
  await waitForState(page, "COMPLETED");
  await page.locator("li[data-sequence]").getByText(/ by grace/).waitFor();

  await page.reload();
  await waitForState(page, "COMPLETED");
  expect(consoleErrors).toEqual([]);

  await button(page, "Sign out").click();
  await page.getByRole("button", { name: "Yes, sign me out" }).click();
  await page.waitForURL((url) => url.pathname === "/sign-in");
  await button(page, "Sign in").waitFor();
  expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("oidc.user")))).toEqual([]);
  await page.goto(`/orders/${order}`);
  await button(page, "Sign in").waitFor();
});

test("a timeline that is live while its token expires continues with a new token and misses no event", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Mary Somerville"));
  const { page } = await open(closed, "/");
  const sockets: string[][] = []; // the events that each WebSocket brought
  page.on("websocket", (socket) => {
    const events: string[] = [];
    sockets.push(events);
    socket.on("framereceived", ({ payload }) => events.push(String(payload)));
  });
  await signIn(page, "mary");
  await page.getByRole("link", { name: order }).click();
  await waitForState(page, "AWAITING_APPROVAL");
  await page.locator("li[data-sequence='3']").waitFor();
  const renewed = page.waitForResponse((response) => response.url() === `${issuer}/token` && response.ok(), { timeout: EXPIRY_TIMEOUT });
  const before = sockets.length;
  await renewed;
  await expect.poll(() => sockets.length, { timeout: EXPIRY_TIMEOUT }).toBeGreaterThan(before);
  await expect.poll(() => sockets.at(-1)?.some((frame) => frame.includes("connection_ack")), { timeout: EXPIRY_TIMEOUT }).toBe(true);

  await stack.execute("mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }", { id: order });
  await waitForState(page, "COMPLETED");
  await expectWholeTimeline(page, 10);
  expect(await page.getByText("Connection lost").count()).toBe(0);
});

test("a page whose session ended at the issuer asks to sign in again, and then continues where it was", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Sofia Kovalevskaya"));
  const { page } = await open(closed, `/orders/${order}`);
  await signIn(page, "sofia");
  await waitForState(page, "AWAITING_APPROVAL");
  await page.route(`${issuer}/token`, (route) => route.fulfill({
    status: 400,
    headers: { "access-control-allow-origin": "*", "content-type": "application/json" },
    body: JSON.stringify({ error: "invalid_grant" }),
  }));
  await page.getByText("Your session has ended.").waitFor({ timeout: EXPIRY_TIMEOUT });
  await page.unroute(`${issuer}/token`);
  await button(page, "Sign in").click();
  await page.getByRole("button", { name: "Continue" }).click(); // still signed in at the issuer
  await page.waitForURL(`${closed.url}/orders/${order}`);
  await waitForState(page, "AWAITING_APPROVAL");
});

test("a sign-in that the person cancels is reported on the page", async () => {
  const { page } = await open(closed, "/");
  await button(page, "Sign in").click();
  await page.getByRole("link", { name: /Cancel/ }).click();
  await page.getByRole("status").waitFor();
  await button(page, "Sign in").waitFor();
});

test("a person with too few scopes sees which ones are missing", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Emmy Noether"));
  const { page } = await open(limited, `/orders/${order}`);
  await signIn(page, "emmy");
  await page.getByRole("heading", { name: "You may not use this page" }).waitFor();
  expect(await page.locator("main li").allInnerTexts()).toEqual(["customers:read for Order.customer", "operations:read for Order.workflow"]);
  await page.getByText("You have: orders:read").waitFor();
  await page.getByRole("link", { name: "Customers" }).click();
  await page.getByText("for Query.customers").waitFor();
  expect(await button(page, "New customer").count()).toBe(0);
});

test("the playground uses the session of the dashboard", async () => {
  const { page } = await open(closed, "/");
  await signIn(page, "ada");
  await page.getByRole("link", { name: "Playground" }).click();
  const editor = page.locator(".graphiql-query-editor");
  await editor.getByText("createCustomer").first().waitFor(); // before that, the editor ignores a change of tabs
  await page.getByRole("tab", { name: "Orders" }).click();
  await editor.getByText("stateCounts").first().waitFor();
  await page.getByRole("button", { name: /execute query/i }).click();
  await page.locator(".graphiql-response").getByText("totalCount").waitFor();
  await page.getByRole("tab", { name: "OrderFeed" }).click();
  await editor.getByText("orderFeed").first().waitFor();
  await page.getByRole("button", { name: /execute query/i }).click();
  await expect.poll(async () => {
    await newOrder(stack, await newCustomer(stack, "Ada Lovelace"));
    return page.locator(".graphiql-response").getByText("feedCursor").count();
  }, { timeout: EXPIRY_TIMEOUT }).toBeGreaterThan(0);
});

test("the playground without Node sends the token that is entered", async () => {
  const { page } = await open(closed, "/");
  await signIn(page, "ada");
  await button(page, "Sign out").waitFor();
  const token = await page.evaluate(() => {
    const stored = Object.entries(sessionStorage).find(([key]) => key.startsWith("oidc.user"));
    return (JSON.parse(stored?.[1] as string) as { access_token: string }).access_token;
  });
  const basic = await readFile("../gql/http/playground.html", "utf8");
  await page.goto("/health/live"); // the API serves that playground only if the dashboard is not built
  await page.evaluate(() => { history.replaceState(null, "", "/graphql"); });
  await page.setContent(basic);
  await page.getByText("The schema could not be loaded").waitFor();

  await page.getByLabel("Token").fill(token);
  await page.getByPlaceholder("Filter by type or field name").click();
  await page.locator("#types summary").getByText("Query", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Order feed" }).click();
  await button(page, "Run").click();
  await page.locator("#status").getByText(/Subscribed|received/).waitFor();
});
