import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults, RuleObject, RunOptions } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, openWindow } from "./browser";
import { button, waitForState } from "./assertions";
import { newCustomer, newOrder } from "./test-data";
import { Stack } from "./stack";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = process.env["SCREENSHOTS"];
const VARIANTS = [
  { variant: "light", colorScheme: "light" },
  { variant: "dark", colorScheme: "dark" },
  { variant: "narrow", colorScheme: "light", width: 380 },
] as const;

let stack: Stack;
let browser: Browser;
let order: string;
let endedOrder: string;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.started(), launch()]);
  const customer = await newCustomer(stack, "Ada Lovelace");
  const policies = [{ reviewMode: "NONE" }, { reviewMode: "TIMER", reviewTimeout: "PT1H" }, { reviewMode: "NONE" }];
  for (const policy of policies) await newOrder(stack, customer, { policy, priority: "HIGH" });
  endedOrder = await newOrder(stack, customer, { policy: { reviewMode: "NONE" }, items: [{ sku: "DISPATCH-FAILS-ONCE", quantity: 3, unitPrice: "12.00" }] });
  order = await newOrder(stack, await newCustomer(stack, "Grace Hopper"));
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

const PAGES: readonly [name: string, path: () => string, ready: (page: Page) => Promise<void>][] = [
  ["orders", () => "/", (page) => page.getByRole("link", { name: order }).waitFor()],
  ["order", () => `/orders/${order}`, (page) => waitForState(page, "AWAITING_APPROVAL")],
  ["ended-order", () => `/orders/${endedOrder}`, (page) => waitForState(page, "COMPLETED")],
  ["dialog", () => `/orders/${order}`, async (page) => {
    await button(page, "Change address").click();
    await page.getByRole("dialog").waitFor();
  }],
  ["no-order", () => "/orders/nobody-has-this", (page) => page.getByText("not found").waitFor()],
  ["new-order", () => "/new-order", async (page) => {
    await page.getByText("Policy and IDs").click();
    await page.getByLabel("Street").fill("1 Main St");
    await page.getByLabel("Unit price").fill("24.90");
    await button(page, "Start order").click();
    await page.getByText("must not be blank").first().waitFor();
  }],
  ["customers", () => "/customers", (page) => page.getByText("Grace Hopper").first().waitFor()],
  ["workflows", () => "/workflows?status=COMPLETED", async (page) => {
    await page.getByText(/^[\d,]+ workflows?$/).waitFor();
    await page.getByText("ExecutionStatus").waitFor();
    await page.getByRole("link", { name: endedOrder }).waitFor();
    expect(await page.getByRole("link", { name: order }).count()).toBe(0);
  }],
  ["guide", () => "/guide", (page) => page.getByRole("img", { name: "Order states" }).waitFor()],
];

test.each(PAGES.flatMap(([name, path, ready]) => VARIANTS.map((variant) => ({ name, path, ready, ...variant }))))(
  "$name, $variant: the page is accessible, logs no errors and does not overflow",
  async ({ name, path, ready, variant, ...options }) => {
    const { page, context, consoleErrors } = await openWindow(browser, stack.url, options);
    await page.goto(path());
    await ready(page);
    if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `${name}-${variant}.png`), fullPage: name !== "dialog" });

    if (variant !== "narrow") expect(await axeViolations(page)).toEqual([]);
    expect(consoleErrors).toEqual([]);
    const cutOff = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(cutOff).toBe(0);
    await context.close();
  },
);

test("a subscription in the playground shows events caused by another client", async () => {
  const { page, context, consoleErrors } = await openWindow(browser, stack.url);
  const foreignRequests: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(stack.url)) foreignRequests.push(request.url());
  });
  await page.goto("/graphql"); // redirects browsers to the playground
  await page.waitForURL("/playground");
  const run = page.getByRole("button", { name: /execute query/i });
  const response = page.locator(".graphiql-response");
  // The change of tabs is complete when its operation is in the editor.
  const selectTab = async (name: string, operation: string) => {
    await page.getByRole("tab", { name }).click();
    await page.locator(".graphiql-query-editor").getByText(operation).first().waitFor();
  };

  await selectTab("CreateCustomer", "createCustomer");
  await run.click();
  await response.getByText("CustomerSaved").waitFor();
  await selectTab("StartOrder", "startOrder");
  await run.click();
  await response.getByText("OrderStarted").waitFor();

  await selectTab("OrderEvents", "orderEvents");
  await run.click();
  await response.getByText("REVIEW_STARTED").waitFor();
  const { orders } = (await stack.execute("query { orders(first: 1) { nodes { id } } }", {})) as { orders: { nodes: { id: string }[] } };
  await stack.execute("mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }", { id: orders.nodes[0]?.id });
  await response.getByText("ORDER_COMPLETED").waitFor();

  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, "playground-subscription.png") });
  expect(consoleErrors).toEqual([]);
  expect(foreignRequests).toEqual([]);
  await context.close();
});

test.each(VARIANTS)("the playground is accessible, logs no errors and fits its window, $variant", async ({ variant, ...options }) => {
  const { page, context, consoleErrors } = await openWindow(browser, stack.url, options);
  await page.goto("/playground");
  await page.locator(".graphiql-query-editor").getByText("createCustomer").first().waitFor();
  if (SCREENSHOTS) await page.screenshot({ path: join(SCREENSHOTS, `playground-${variant}.png`) });
  const response = await page.locator(".graphiql-response").boundingBox();
  expect(response?.width).toBeGreaterThan(250);
  // GraphiQL nests buttons in its tabs, which this rule reports.
  if (variant !== "narrow") expect(await axeViolations(page, { "nested-interactive": { enabled: false } })).toEqual([]);
  expect(consoleErrors).toEqual([]);
  await context.close();
});

/** Serious and critical violations found by axe. */
async function axeViolations(page: Page, rules: RuleObject = {}): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (enabled) => (window as unknown as { axe: { run: (options: RunOptions) => Promise<AxeResults> } }).axe.run({ rules: enabled }),
    rules,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ""}`));
}
