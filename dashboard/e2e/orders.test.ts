import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { launch, openWindow, shown, type Window } from "./browser";
import { button, hasWholeTimeline, seesState } from "./expecting";
import { fresh, newCustomer, newOrder } from "./shop";
import { Stack } from "./stack";

let stack: Stack;
let browser: Browser;
const windows: Window[] = [];

async function open(path: string): Promise<Window["page"]> {
  const opened = await openWindow(browser, stack.url);
  windows.push(opened);
  await opened.page.goto(path);
  return opened.page;
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.started(), launch()]);
});
afterEach(async ({ task }) => {
  const opened = windows.splice(0);
  if (task.result?.state === "fail") for (const one of opened) console.error(await shown(one));
  await Promise.all(opened.map(({ context }) => context.close()));
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

test("a customer and an order made by hand are followed to the review, and approved in another window", async () => {
  const first = await open("/new-order");
  await first.getByLabel("A new one").check();
  await first.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
  await first.getByLabel("E-mail address").fill(`${fresh("ada")}@example.org`);
  await first.getByLabel("SKU").fill("TEAPOT");
  await first.getByLabel("Price of one").fill("24.90");
  await first.getByLabel("Street").fill("1 Main St");
  await button(first, "Start the order").click();

  // What is wrong stands at its field, which has the focus.
  await first.getByText("must not be blank").waitFor();
  await expect.poll(() => first.getByLabel("City").evaluate((field) => field === document.activeElement)).toBe(true);
  await first.getByLabel("City").fill("Springfield");
  await button(first, "Start the order").click();

  await first.waitForURL(/\/orders\/order-/);
  await seesState(first, "AWAITING_APPROVAL");
  await first.getByRole("timer").getByText(/^in \d min/).waitFor();

  const second = await open(new URL(first.url()).pathname);
  await button(second, "Approve").click();
  await second.getByLabel("Note for the audit trail").fill("looks good");
  await button(second.getByRole("dialog"), "Approve").click();
  await second.getByText("Approve: done.").waitFor();

  await seesState(first, "COMPLETED");
  await hasWholeTimeline(first, 10);
  await first.getByText("The order takes no command now.").waitFor();
});

test("an order for a customer who is known is made by keyboard alone", async () => {
  await newCustomer(stack, "Annie Easley");
  const page = await open("/new-order");
  await page.getByRole("combobox", { name: "Customer" }).focus();
  await page.keyboard.type("easley");
  await page.getByRole("option", { name: /Annie Easley/ }).waitFor();
  await page.keyboard.press("Enter");
  await button(page, "Clear customer").waitFor();
  const type = async (label: string, text: string) => {
    await page.getByLabel(label).focus();
    await page.keyboard.type(text);
  };
  await type("SKU", "KETTLE");
  await type("Price of one", "62.90");
  await type("Street", "1 Main St");
  await type("City", "Springfield");
  await page.keyboard.press("Enter");

  await page.waitForURL(/\/orders\/order-/);
  await seesState(page, "AWAITING_APPROVAL");
  await button(page, "Cancel order").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await button(page, "Cancel order").evaluate((one) => one === document.activeElement)).toBe(true);
});

test("an address is changed, and the order stays in review", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Grace Hopper"));
  const page = await open(`/orders/${order}`);
  await seesState(page, "AWAITING_APPROVAL");
  await button(page, "Change address").click();
  await page.getByRole("dialog").getByLabel("City").fill("");
  await button(page.getByRole("dialog"), "Change address").click();
  await page.getByRole("dialog").getByText("must not be blank").waitFor();
  await page.getByRole("dialog").getByLabel("City").fill("Arlington");
  await button(page.getByRole("dialog"), "Change address").click();

  await page.getByText("Change address: done.").waitFor();
  await page.getByTestId("address").getByText("Arlington").waitFor();
  await page.locator("li[data-sequence]").getByText("Address updated", { exact: false }).first().waitFor();
});

test("an order is cancelled, and a command that came too late is refused with the reason", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Mary Somerville"));
  const late = await open(`/orders/${order}`);
  await button(late, "Approve").click();

  const page = await open(`/orders/${order}`);
  await button(page, "Cancel order").click();
  await page.getByLabel("Reason for the audit trail").fill("changed their mind");
  await button(page.getByRole("dialog"), "Cancel order").click();
  await seesState(page, "CANCELLED");

  await button(late.getByRole("dialog"), "Approve").click();
  const refusal = late.getByRole("alert");
  await refusal.getByText(/^Approve: refused while Cancelled\./).waitFor();
});

test("a step that fails is shown with its attempts and its last failure", async () => {
  const customer = await newCustomer(stack, "Emmy Noether");
  const order = await newOrder(stack, customer, {
    paymentId: `hang-decline-${customer.id}`,
    policy: { reviewMode: "NONE", activityTimeout: "PT1S", activityRetryDelay: "PT4S" },
  });
  const page = await open(`/orders/${order}`);
  await page.getByText(/attempt 2.*tried again in/).waitFor();
  await seesState(page, "FAILED");
  await page.getByText("Payment declined:", { exact: true }).waitFor();
});

test("a command that no worker has seen is pending, until one has", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Sofia Kovalevskaya"));
  const page = await open(`/orders/${order}`);
  await seesState(page, "AWAITING_APPROVAL");
  await stack.orderWorker.end("SIGTERM");
  await button(page, "Approve").click();
  await button(page.getByRole("dialog"), "Approve").click();
  await page.getByText(/^Approve: pending\./).waitFor();

  stack.orderWorker.start();
  await page.getByText("Approve: done.").waitFor({ timeout: 30_000 });
  await seesState(page, "COMPLETED");
});

test("an API that dies in the middle of a live timeline costs no event, and doubles none", async () => {
  const customer = await newCustomer(stack, "Ada Lovelace");
  const order = await newOrder(stack, customer, {
    items: [{ sku: "DISPATCH-FAILS-ONCE", quantity: 1, unitPrice: "5.00" }],
    policy: { shippingRetryDelay: "PT3S" },
  });
  const page = await open(`/orders/${order}`);
  await seesState(page, "AWAITING_APPROVAL");
  await button(page, "Approve").click();
  await button(page.getByRole("dialog"), "Approve").click();
  await page.locator("li[data-sequence='5']").waitFor();

  await stack.api.end("SIGKILL");
  await page.getByText("Connection lost").waitFor();
  stack.api.start();
  await stack.ready();

  await page.getByText("Connection lost").waitFor({ state: "detached" });
  await seesState(page, "COMPLETED");
  await hasWholeTimeline(page, 13);
});

test("the list is found by every filter, keeps it in the address, and moves by itself", async () => {
  const customer = await newCustomer(stack, "Hypatia Alexandria");
  const cheap = await newOrder(stack, customer, { priority: "URGENT" });
  const dear = await newOrder(stack, customer, { items: [{ sku: "SAMOVAR", quantity: 1, unitPrice: "900.00" }] });
  const page = await open("/");
  const row = (order: string) => page.getByRole("row").filter({ hasText: order });

  await page.getByLabel("Customer's name").fill("hypatia");
  await page.waitForURL(/name=hypatia/);
  await row(cheap).waitFor();
  await row(dear).waitFor();
  await page.getByText("More filters").click();
  await button(page, "Urgent").click();
  await row(dear).waitFor({ state: "detached" });
  expect(page.url()).toContain("priority=URGENT");
  await button(page, "Urgent").click();
  await page.getByLabel("Total from").fill("100");
  await row(cheap).waitFor({ state: "detached" });
  await page.reload();
  await row(dear).waitFor();
  expect(await row(cheap).count()).toBe(0);

  // Live: the state of a row, and an order that was not there.
  await stack.ask("mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }", { id: dear });
  await row(dear).locator("[data-state=COMPLETED]").waitFor();
  const later = await newOrder(stack, customer, { items: [{ sku: "SAMOVAR", quantity: 1, unitPrice: "901.00" }] });
  await row(later).waitFor();
  await button(page, "Completed 1").waitFor();
});

test("a list goes on where it stood when the API comes back", async () => {
  const customer = await newCustomer(stack, "Wang Zhenyi");
  const known = await newOrder(stack, customer);
  const page = await open(`/?customer=${customer.id}`);
  const row = (order: string) => page.getByRole("row").filter({ hasText: order });
  await row(known).locator("[data-state=AWAITING_APPROVAL]").waitFor();
  await stack.ask("mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }", { id: known });
  await stack.api.end("SIGKILL");
  await page.getByText("Connection lost").waitFor();
  stack.api.start();
  await stack.ready();

  await row(known).locator("[data-state=COMPLETED]").waitFor();
  await button(page, "Completed 1").waitFor();
  const later = await newOrder(stack, customer);
  await row(later).waitFor();
});

test("a long list is turned page by page, forward and back", async () => {
  const customer = await newCustomer(stack, "Caroline Herschel");
  for (let count = 0; count < 30; count += 1) await newOrder(stack, customer);
  const page = await open(`/?customer=${customer.id}`);
  await button(page, "Awaiting approval 30").waitFor(); // else a cursor would stand before a late one
  const rows = page.locator("tbody tr");
  await expect.poll(() => rows.count()).toBe(25);
  await button(page, "Next").click();
  await expect.poll(() => rows.count()).toBe(5);
  await button(page, "Previous").click();
  await expect.poll(() => rows.count()).toBe(25);
});
