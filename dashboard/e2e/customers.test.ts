import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, openWindow } from "./browser";
import { button } from "./expecting";
import { newCustomer, newOrder } from "./shop";
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

test("a customer is created, found, changed and deleted; one with orders stays", async () => {
  const buyer = await newCustomer(stack, "Dorothy Vaughan");
  await newOrder(stack, buyer);
  const { page, complaints } = await openWindow(browser, stack.url);
  await page.goto("/customers");
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  const dialog = page.getByRole("dialog");

  await button(page, "New customer").click();
  await dialog.getByLabel("Name").fill("Katherine Johnson");
  await dialog.getByLabel("E-mail address").fill("nobody");
  await button(dialog, "Save").click();
  await expect.poll(() => dialog.getByLabel("E-mail address").getAttribute("aria-invalid")).toBe("true");
  await dialog.getByLabel("E-mail address").fill("katherine@example.org");
  await button(dialog, "Save").click();
  await page.getByText("Katherine Johnson is a customer now.").waitFor();

  await page.getByLabel("Search").fill("katherine@");
  await page.waitForURL(/search=katherine/);
  await row("Dorothy Vaughan").waitFor({ state: "detached" });
  await button(row("Katherine Johnson"), "Edit Katherine Johnson").click();
  await dialog.getByLabel("Name").fill("Katherine G. Johnson");
  await button(dialog, "Save").click();
  await row("Katherine G. Johnson").waitFor();

  await button(row("Katherine G. Johnson"), "Delete Katherine G. Johnson").click();
  await button(dialog, "Delete").click();
  await page.getByText("No customer matches.").waitFor();

  await page.getByLabel("Search").fill("vaughan");
  await button(row("Dorothy Vaughan"), "Delete Dorothy Vaughan").click();
  await button(dialog, "Delete").click();
  await dialog.getByRole("alert").getByText(/orders/).waitFor();
  await page.keyboard.press("Escape");
  await row("Dorothy Vaughan").waitFor();
  expect(complaints).toEqual([]);
});
