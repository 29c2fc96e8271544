import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** Wait until the order's page shows a state. */
export async function seesState(page: Page, state: string): Promise<void> {
  await page.locator(`main h1 ~ span [data-state=${state}]`).waitFor();
}

/** The sequences on the timeline, as they stand. */
export async function timeline(page: Page): Promise<number[]> {
  const items = await page.locator("li[data-sequence]").all();
  return Promise.all(items.map(async (item) => Number(await item.getAttribute("data-sequence"))));
}

/** Each event from the first on, once, in order. */
export async function hasWholeTimeline(page: Page, atLeast: number): Promise<void> {
  const sequences = await timeline(page);
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  expect(sequences.length).toBeGreaterThanOrEqual(atLeast);
}

export const button = (where: Page | Locator, name: string): Locator => where.getByRole("button", { name, exact: true });
