import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults, RuleObject, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, openWindow } from "./browser";
import { button, seesState } from "./expecting";
import { newCustomer, newOrder } from "./shop";
import { Stack } from "./stack";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = process.env["SCREENSHOTS"];
const LOOKS = [
  { look: "light", colorScheme: "light" },
  { look: "dark", colorScheme: "dark" },
  { look: "narrow", colorScheme: "light", width: 380 },
] as const;

let stack: Stack;
let browser: Browser;
let order: string;
let ended: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.started(), launch()]);
  const customer = await newCustomer(stack, "Ada Lovelace");
  const policies = [{ reviewMode: "NONE" }, { reviewMode: "TIMER", reviewTimeout: "PT1H" }, { reviewMode: "NONE" }];
  for (const policy of policies) await newOrder(stack, customer, { policy, priority: "HIGH" });
  ended = await newOrder(stack, customer, { policy: { reviewMode: "NONE" }, items: [{ sku: "DISPATCH-FAILS-ONCE", quantity: 3, unitPrice: "12.00" }] });
  order = await newOrder(stack, await newCustomer(stack, "Grace Hopper"));
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const PAGES: readonly [name: string, path: () => string, ready: (page: Page) => Promise<void>][] = [
  ["orders", () => "/", (page) => page.getByRole("link", { name: order }).waitFor()],
  ["order", () => `/orders/${order}`, (page) => seesState(page, "AWAITING_APPROVAL")],
  ["ended-order", () => `/orders/${ended}`, (page) => seesState(page, "COMPLETED")],
  ["dialog", () => `/orders/${order}`, async (page) => {
    await button(page, "Change address").click();
    await page.getByRole("dialog").waitFor();
  }],
  ["no-order", () => "/orders/nobody-has-this", (page) => page.getByText("There is no order").waitFor()],
  ["new-order", () => "/new-order", async (page) => {
    await page.getByText("Policy and ids").click();
    await page.getByLabel("Street").fill("1 Main St");
    await page.getByLabel("Price of one").fill("24.90");
    await button(page, "Start the order").click();
    await page.getByText("must not be blank").first().waitFor();
  }],
  ["customers", () => "/customers", (page) => page.getByText("Grace Hopper").first().waitFor()],
  ["guide", () => "/guide", (page) => page.getByRole("img", { name: "The states of an order" }).waitFor()],
];

test.each(PAGES.flatMap(([name, path, ready]) => LOOKS.map((look) => ({ name, path, ready, ...look }))))(
  "$name, $look: nothing is out of reach, nothing complains, nothing is cut off",
  async ({ name, path, ready, look, ...options }) => {
    const { page, context, complaints } = await openWindow(browser, stack.url, options);
    await page.goto(path());
    await ready(page);
    if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}-${look}.png`), fullPage: name !== "dialog" });

    if (look !== "narrow") expect(await findings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    const cutOff = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(cutOff).toBe(0);
    await context.close();
  },
);

test("the playground runs a subscription, which shows what another window does", async () => {
  const { page, context, complaints } = await openWindow(browser, stack.url);
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(stack.url)) foreign.push(request.url());
  });
  await page.goto("/graphql"); // leads a browser to it
  await page.waitForURL("/playground");
  const run = page.getByRole("button", { name: /execute query/i });
  const response = page.locator(".graphiql-response");
  // A tab is chosen once its operation stands in the editor.
  const choose = async (name: string, operation: string) => {
    await page.getByRole("tab", { name }).click();
    await page.locator(".graphiql-query-editor").getByText(operation).first().waitFor();
  };

  await choose("CreateCustomer", "createCustomer");
  await run.click();
  await response.getByText("CustomerSaved").waitFor();
  await choose("StartOrder", "startOrder");
  await run.click();
  await response.getByText("OrderStarted").waitFor();

  await choose("OrderEvents", "orderEvents");
  await run.click();
  await response.getByText("REVIEW_STARTED").waitFor();
  const { orders } = (await stack.ask("query { orders(first: 1) { nodes { id } } }", {})) as { orders: { nodes: { id: string }[] } };
  await stack.ask("mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }", { id: orders.nodes[0]?.id });
  await response.getByText("ORDER_COMPLETED").waitFor();

  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, "playground-subscription.png") });
  expect(complaints).toEqual([]);
  expect(foreign).toEqual([]);
  await context.close();
});

test.each(LOOKS)("the playground fits, $look", async ({ look, ...options }) => {
  const { page, context, complaints } = await openWindow(browser, stack.url, options);
  await page.goto("/playground");
  await page.locator(".graphiql-query-editor").getByText("createCustomer").first().waitFor();
  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `playground-${look}.png`) });
  const response = await page.locator(".graphiql-response").boundingBox();
  expect(response?.width).toBeGreaterThan(250);
  // GraphiQL's own: each of its tabs is an element of that role with a button in it, and one to close it.
  if (look !== "narrow") expect(await findings(page, { "nested-interactive": { enabled: false } })).toEqual([]);
  expect(complaints).toEqual([]);
  await context.close();
});

/** What axe finds that is serious or worse. */
async function findings(page: Page, rules: RuleObject = {}): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (given) => (window as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } }).axe.run({ rules: given }),
    rules,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ""}`));
}
