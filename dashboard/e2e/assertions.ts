import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

export async function waitForState(page: Page, state: string): Promise<void> {
  await page.locator(`main h1 ~ span [data-state=${state}]`).waitFor();
}

/** The event sequences in the order shown. */
export async function timelineSequences(page: Page): Promise<number[]> {
  const items = await page.locator("li[data-sequence]").all();
  return Promise.all(items.map(async (item) => Number(await item.getAttribute("data-sequence"))));
}

/** Wait for the event with this sequence, and expect every event from sequence 1, once, in order. */
export async function expectWholeTimeline(page: Page, last: number): Promise<void> {
  // The state comes from a query and the events from a stream, so either can be first.
  await page.locator(`li[data-sequence='${last}']`).first().waitFor();
  const sequences = await timelineSequences(page);
  expect(sequences).toEqual(sequences.map((_, index) => index + 1));
}

export const button = (scope: Page | Locator, name: string): Locator => scope.getByRole("button", { name, exact: true });
