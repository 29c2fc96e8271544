import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { describeWindow, launch, openWindow, type Window } from "./browser";
import { button, expectWholeTimeline, waitForState } from "./assertions";
import { uniqueId, newCustomer, newOrder } from "./test-data";
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
  if (task.result?.state === "fail") for (const window of opened) console.error(await describeWindow(window));
  await Promise.all(opened.map(({ context }) => context.close()));
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

test("an order entered by hand waits for review and completes after approval in another window", async () => {
  const first = await open("/new-order");
  await first.getByLabel("New customer").check();
  await first.getByLabel("Name", { exact: true }).fill("Ada Lovelace");
  await first.getByLabel("Email").fill(`${uniqueId("ada")}@example.org`);
  await first.getByLabel("SKU").fill("TEAPOT");
  await first.getByLabel("Unit price").fill("24.90");
  await first.getByLabel("Currency").fill("USD");
  await first.getByLabel("Street").fill("1 Main St");
  await first.getByLabel("Country").fill("US");
  await button(first, "Start order").click();

  // The error is shown at its field, which has the focus.
  await first.getByText("must not be blank").waitFor();
  await expect.poll(() => first.getByLabel("City").evaluate((field) => field === document.activeElement)).toBe(true);
  await first.getByLabel("City").fill("Springfield");
  await button(first, "Start order").click();

  await first.waitForURL(/\/orders\/order-/);
  await waitForState(first, "AWAITING_APPROVAL");
  await first.getByRole("timer").getByText(/^in \d min/).waitFor();

  const second = await open(new URL(first.url()).pathname);
  await button(second, "Approve").click();
  await second.getByLabel("Note for the audit trail").fill("looks good");
  await button(second.getByRole("dialog"), "Approve").click();
  await second.getByText("Approve: done.").waitFor();

  await waitForState(first, "COMPLETED");
  await expectWholeTimeline(first, 10);
  await first.getByText("No commands are available to you in this state.").waitFor();
});

test("an order for an existing customer can be started with the keyboard alone", async () => {
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
  await type("Unit price", "62.90");
  await type("Currency", "USD");
  await type("Street", "1 Main St");
  await type("City", "Springfield");
  await type("Country", "US");
  await page.keyboard.press("Enter");

  await page.waitForURL(/\/orders\/order-/);
  await waitForState(page, "AWAITING_APPROVAL");
  await button(page, "Cancel order").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await button(page, "Cancel order").evaluate((element) => element === document.activeElement)).toBe(true);
});

test("an address change is applied while the order stays in review", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Grace Hopper"));
  const page = await open(`/orders/${order}`);
  await waitForState(page, "AWAITING_APPROVAL");
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

test("a command sent after the order was cancelled is refused with the reason", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Mary Somerville"));
  const late = await open(`/orders/${order}`);
  await button(late, "Approve").click();

  const page = await open(`/orders/${order}`);
  await button(page, "Cancel order").click();
  await page.getByLabel("Reason for the audit trail").fill("changed their mind");
  await button(page.getByRole("dialog"), "Cancel order").click();
  await waitForState(page, "CANCELLED");

  await button(late.getByRole("dialog"), "Approve").click();
  const refusal = late.getByRole("alert");
  await refusal.getByText(/^Approve: refused in state Cancelled\./).waitFor();
});

test("a failing activity is shown with its attempt and next retry, and a declined payment with its reason", async () => {
  const customer = await newCustomer(stack, "Emmy Noether");
  const order = await newOrder(stack, customer, {
    paymentId: `hang-decline-${customer.id}`,
    policy: { reviewMode: "NONE", activityTimeout: "PT1S", activityRetryDelay: "PT4S" },
  });
  const page = await open(`/orders/${order}`);
  await page.getByText(/attempt 2.*next attempt in/).waitFor();
  await waitForState(page, "FAILED");
  await page.getByText("Payment declined:", { exact: true }).waitFor();
});

test("a command stays pending until a worker processes it", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Sofia Kovalevskaya"));
  const page = await open(`/orders/${order}`);
  await waitForState(page, "AWAITING_APPROVAL");
  await stack.orderWorker.stop("SIGTERM");
  await button(page, "Approve").click();
  await button(page.getByRole("dialog"), "Approve").click();
  await page.getByText(/^Approve: pending\./).waitFor();

  stack.orderWorker.start();
  await page.getByText("Approve: done.").waitFor({ timeout: 30_000 });
  await waitForState(page, "COMPLETED");
});

test("a live timeline has every event once after the API crashed and restarted", async () => {
  const customer = await newCustomer(stack, "Ada Lovelace");
  const order = await newOrder(stack, customer, {
    items: [{ sku: "DISPATCH-FAILS-ONCE", quantity: 1, unitPrice: "5.00" }],
    policy: { shippingRetryDelay: "PT3S" },
  });
  const page = await open(`/orders/${order}`);
  await waitForState(page, "AWAITING_APPROVAL");
  await button(page, "Approve").click();
  await button(page.getByRole("dialog"), "Approve").click();
  await page.locator("li[data-sequence='5']").waitFor();

  await stack.api.stop("SIGKILL");
  await page.getByText("Connection lost").waitFor();
  stack.api.start();
  await stack.untilReady();

  await page.getByText("Connection lost").waitFor({ state: "detached" });
  await waitForState(page, "COMPLETED");
  await expectWholeTimeline(page, 13);
});

test("each filter selects its orders, is kept in the URL and can be cleared", async () => {
  const maria = await newCustomer(stack, "Maria Agnesi");
  const cheap = await newOrder(stack, maria, { priority: "URGENT" });
  const dear = await newOrder(stack, maria, { items: [{ sku: "SAMOVAR", quantity: 1, unitPrice: "900.00" }] });
  const euros = await newOrder(stack, await newCustomer(stack, "Pietro Agnesi"), { currency: "EUR", priority: "HIGH", policy: { reviewMode: "NONE" } });
  const page = await open("/?name=agnesi");
  const all = [euros, dear, cheap]; // newest first
  const listed = (orders: string[]) => expect.poll(() => page.locator("tbody tr td:first-child a").allInnerTexts(), { timeout: 15_000 }).toEqual(orders);
  const query = (expected: string) => expect.poll(() => new URL(page.url()).search).toBe(expected);
  const field = (label: string) => page.getByLabel(label, { exact: true });
  const typeDate = async (label: string, keys: string) => {
    await field(label).focus();
    await page.keyboard.type(keys); // as a person types: the value is a date from the first digit of the year on
  };

  await button(page, "Completed 1").waitFor();
  await listed(all);
  await page.getByText("More filters").click();

  await field("Customer name").fill("maria agnesi");
  await listed([dear, cheap]);
  await field("Customer name").fill("agnesi");
  await listed(all);

  await button(page, "Completed 1").click();
  await listed([euros]);
  await button(page, "Awaiting approval 2").click();
  await listed(all);
  await button(page, "Completed 1").click();
  await listed([dear, cheap]);
  await button(page, "Awaiting approval 2").click();

  await button(page, "Urgent").click();
  await listed([cheap]);
  await button(page, "High").click();
  await listed([euros, cheap]);
  await button(page, "Urgent").click();
  await button(page, "High").click();
  await query("?name=agnesi");

  await field("Customer").fill("pietro");
  await page.getByRole("option", { name: "Pietro Agnesi" }).click();
  await listed([euros]);
  expect(await field("Customer").inputValue()).toBe("Pietro Agnesi");
  await button(page, "Clear customer").click();
  await listed(all);

  await field("Currency").fill("usd");
  await page.getByText("Enter an ISO 4217 code, such as USD").waitFor();
  await field("Currency").fill("USD");
  await listed([dear, cheap]);
  await field("Minimum total").fill("49.81");
  await listed([dear]);
  await field("Minimum total").fill("");
  await field("Maximum total").fill("49.80");
  await listed([cheap]);
  await field("Maximum total").fill("");
  await page.getByLabel("Sort by").selectOption("Total, lowest first");
  await listed([cheap, dear]);
  await page.getByLabel("Sort by").selectOption("Total, highest first");
  await listed([dear, cheap]);
  await query("?name=agnesi&currency=USD&sort=TOTAL");
  await field("Currency").fill(""); // which no sort or range of totals can do without
  await listed(all);
  await query("?name=agnesi");
  await page.getByLabel("Sort by").selectOption("Oldest first");
  await listed([cheap, dear, euros]);
  await page.getByLabel("Sort by").selectOption("Newest first");
  await listed(all);

  await typeDate("Created from", "01022060");
  await query("?name=agnesi&from=2060-01-02");
  await page.getByText("No orders match these filters.").waitFor();
  await field("Created from").fill("");
  await listed(all);
  await typeDate("Created to", "12312019");
  await query("?name=agnesi&to=2019-12-31");
  await page.getByRole("link", { name: "Clear filters" }).click();
  await query("");
  await expect.poll(() => Promise.all([field("Customer name").inputValue(), field("Created to").inputValue()])).toEqual(["", ""]);
});

test("filters changed in quick succession are all applied, and survive a reload and the back button", async () => {
  const emilie = await newCustomer(stack, "Emilie du Chatelet");
  const urgent = await newOrder(stack, emilie, { priority: "URGENT" });
  const high = await newOrder(stack, emilie, { priority: "HIGH" });
  await newOrder(stack, emilie);
  const page = await open("/?name=chatelet&priority=NORMAL");
  const listed = (orders: string[]) => expect.poll(() => page.locator("tbody tr td:first-child a").allInnerTexts(), { timeout: 15_000 }).toEqual(orders);
  await page.getByLabel("Customer", { exact: true }).fill("emilie");
  await page.getByRole("option", { name: "Emilie du Chatelet" }).waitFor();

  // In one task, so that the page cannot be drawn in between.
  await page.evaluate(() => {
    const chip = (label: string) => [...document.querySelectorAll<HTMLElement>("[aria-pressed]")].find(({ innerText }) => innerText === label);
    for (const label of ["Normal", "High", "Urgent"]) chip(label)?.click();
    document.querySelector<HTMLElement>("[role=option]")?.click();
  });
  await page.getByLabel("Customer name").fill("");
  await page.getByLabel("Currency").fill("USD");
  const query = `?customer=${emilie.id}&priority=HIGH&priority=URGENT&currency=USD`;
  await page.waitForURL(`/${query}`);
  await listed([high, urgent]);

  await page.reload();
  await listed([high, urgent]);
  await page.getByRole("link", { name: urgent }).click();
  await waitForState(page, "AWAITING_APPROVAL");
  await page.goBack();
  await listed([high, urgent]);
  expect(new URL(page.url()).search).toBe(query);
  expect(await page.getByLabel("Currency").inputValue()).toBe("USD");
});

test("a filtered list updates live", async () => {
  const customer = await newCustomer(stack, "Hypatia Alexandria");
  const order = await newOrder(stack, customer);
  const page = await open("/?name=hypatia");
  const row = (id: string) => page.getByRole("row").filter({ hasText: id });
  await row(order).waitFor();

  await stack.execute("mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }", { id: order });
  await row(order).locator("[data-state=COMPLETED]").waitFor();
  const later = await newOrder(stack, customer);
  await row(later).waitFor();
  await button(page, "Completed 1").waitFor();
});

test("the list catches up after the API crashed and restarted", async () => {
  const customer = await newCustomer(stack, "Wang Zhenyi");
  const known = await newOrder(stack, customer);
  const page = await open(`/?customer=${customer.id}`);
  const row = (order: string) => page.getByRole("row").filter({ hasText: order });
  await row(known).locator("[data-state=AWAITING_APPROVAL]").waitFor();
  await stack.execute("mutation ($id: ID!) { approveOrder(input: {orderId: $id}) { __typename } }", { id: known });
  await stack.api.stop("SIGKILL");
  await page.getByText("Connection lost").waitFor();
  stack.api.start();
  await stack.untilReady();

  await row(known).locator("[data-state=COMPLETED]").waitFor();
  await button(page, "Completed 1").waitFor();
  const later = await newOrder(stack, customer);
  await row(later).waitFor();
});

test("a long list can be paged forward and back", async () => {
  const customer = await newCustomer(stack, "Caroline Herschel");
  for (let count = 0; count < 30; count += 1) await newOrder(stack, customer);
  const page = await open(`/?customer=${customer.id}`);
  await button(page, "Awaiting approval 30").waitFor(); // all 30 are stored, so no late row moves the cursors
  const rows = page.locator("tbody tr");
  await expect.poll(() => rows.count()).toBe(25);
  await button(page, "Next").click();
  await expect.poll(() => rows.count()).toBe(5);
  await button(page, "Previous").click();
  await expect.poll(() => rows.count()).toBe(25);
});
