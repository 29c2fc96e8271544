import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, openWindow } from "./browser";
import { button, waitForState } from "./assertions";
import { newCustomer, newOrder } from "./test-data";
import { Stack, type OrdersProcess } from "./stack";

let stack: Stack;
let browser: Browser;
let folder: string;
let strict: { url: string; api: OrdersProcess };

beforeAll(async () => {
  [stack, browser, folder] = await Promise.all([Stack.started(), launch(), mkdtemp(join(tmpdir(), "orders-trusted-"))]);
  const TRUSTED_DOCUMENTS = join(folder, "none.json");
  await writeFile(TRUSTED_DOCUMENTS, "{}");
  strict = await stack.startSecondApi({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_ONLY: "true" });
});
afterAll(async () => {
  await browser.close();
  await Promise.all([strict.api.stop("SIGTERM"), stack.stop(), rm(folder, { recursive: true })]);
});

test("with TRUSTED_DOCUMENTS_ONLY the pages work and other documents are refused", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Ada Lovelace"));
  const { page, consoleErrors } = await openWindow(browser, strict.url);
  await page.goto("/");
  await page.getByRole("link", { name: order }).click();
  await waitForState(page, "AWAITING_APPROVAL");
  await button(page, "Approve").click();
  await button(page.getByRole("dialog"), "Approve").click();
  await page.getByText("Approve: done.").waitFor();
  await waitForState(page, "COMPLETED");

  await page.goto("/customers");
  await page.getByText("Ada Lovelace").first().waitFor();
  expect(consoleErrors).toEqual([]);

  const untrusted = await fetch(`${strict.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "query Orders { orders { feedCursor } }" }),
  });
  expect(await untrusted.text()).toContain("DOCUMENT_NOT_TRUSTED");
});
