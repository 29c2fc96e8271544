import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { launch, openWindow } from "./browser";
import { button, seesState } from "./expecting";
import { newCustomer, newOrder } from "./shop";
import { Stack, type Part } from "./stack";

let stack: Stack;
let browser: Browser;
let folder: string;
let strict: { url: string; api: Part };

beforeAll(async () => {
  [stack, browser, folder] = await Promise.all([Stack.started(), launch(), mkdtemp(join(tmpdir(), "orders-trusted-"))]);
  const TRUSTED_DOCUMENTS = join(folder, "none.json");
  await writeFile(TRUSTED_DOCUMENTS, "{}");
  strict = await stack.anotherApi({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_ONLY: "true" });
});
afterAll(async () => {
  await browser.close();
  await Promise.all([strict.api.end("SIGTERM"), stack.stop(), rm(folder, { recursive: true })]);
});

test("an API that executes trusted documents only serves every page, and nothing else", async () => {
  const order = await newOrder(stack, await newCustomer(stack, "Ada Lovelace"));
  const { page, complaints } = await openWindow(browser, strict.url);
  await page.goto("/");
  await page.getByRole("link", { name: order }).click();
  await seesState(page, "AWAITING_APPROVAL");
  await button(page, "Approve").click();
  await button(page.getByRole("dialog"), "Approve").click();
  await page.getByText("Approve: done.").waitFor();
  await seesState(page, "COMPLETED");

  await page.goto("/customers");
  await page.getByText("Ada Lovelace").first().waitFor();
  expect(complaints).toEqual([]);

  const other = await fetch(`${strict.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "query Orders { orders { feedCursor } }" }),
  });
  expect(await other.text()).toContain("DOCUMENT_NOT_TRUSTED");
});
