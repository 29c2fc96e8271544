import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, openWindow } from "./browser";
import { button } from "./assertions";
import { newCustomer, newOrder } from "./test-data";
import { Stack } from "./stack";

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  [stack, browser] = await Promise.all([Stack.started(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});

test("a customer can be created, found, edited and deleted, unless the customer has orders", async () => {
  const buyer = await newCustomer(stack, "Dorothy Vaughan");
  await newOrder(stack, buyer);
  const { page, consoleErrors } = await openWindow(browser, stack.url);
  await page.goto("/customers");
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  const dialog = page.getByRole("dialog");

  await button(page, "New customer").click();
  await dialog.getByLabel("Name").fill("Katherine Johnson");
  await dialog.getByLabel("Email").fill("nobody");
  await button(dialog, "Save").click();
  await expect.poll(() => dialog.getByLabel("Email").getAttribute("aria-invalid")).toBe("true");
  await dialog.getByLabel("Email").fill("katherine@example.org");
  await button(dialog, "Save").click();
  await page.getByText("Katherine Johnson was created.").waitFor();

  await page.getByLabel("Search").fill("katherine@");
  await page.waitForURL(/search=katherine/);
  await row("Dorothy Vaughan").waitFor({ state: "detached" });
  await button(row("Katherine Johnson"), "Edit Katherine Johnson").click();
  await dialog.getByLabel("Name").fill("Katherine G. Johnson");
  await button(dialog, "Save").click();
  await row("Katherine G. Johnson").waitFor();

  await button(row("Katherine G. Johnson"), "Delete Katherine G. Johnson").click();
  await button(dialog, "Delete").click();
  await page.getByText("No customers match this search.").waitFor();

  await page.getByLabel("Search").fill("vaughan");
  await button(row("Dorothy Vaughan"), "Delete Dorothy Vaughan").click();
  await button(dialog, "Delete").click();
  await dialog.getByRole("alert").getByText(/orders/).waitFor();
  await page.keyboard.press("Escape");
  await row("Dorothy Vaughan").waitFor();
  expect(consoleErrors).toEqual([]);
});

test("a long list can be paged forward and back", async () => {
  for (let count = 0; count < 30; count += 1) await newCustomer(stack, "Annie Jump Cannon");
  const { page, consoleErrors } = await openWindow(browser, stack.url);
  await page.goto("/customers?search=Annie+Jump+Cannon");
  await page.getByText("30 customers").waitFor();
  const rows = page.locator("tbody tr");
  const emails = () => page.locator("tbody td:nth-child(2)").allTextContents();
  await expect.poll(() => rows.count()).toBe(25);
  const first = await emails();
  await button(page, "Next").click();
  await expect.poll(() => rows.count()).toBe(5);
  await button(page, "Previous").click();
  await expect.poll(emails).toEqual(first);
  expect(new URL(page.url()).searchParams.has("before")).toBe(true);
  await page.goBack();
  await expect.poll(() => rows.count()).toBe(5);
  expect(consoleErrors).toEqual([]);
});
