import { writeFile } from "node:fs/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";

import { launch, openWindow } from "./browser";

const { ORDERS_URL = "", FRESH_URLS = "", FIGURES = "" } = process.env;
const LOADS = 10;
const ROWS = "tbody tr";

/** Milliseconds since the start of the navigation. */
interface Load {
  asked: number;
  answered: number;
  shown: number;
}

let browser: Browser;
beforeAll(async () => { browser = await launch(); });
afterAll(async () => { await browser.close(); });

/** Open a URL in a new browser context and measure when an element that matches the selector was drawn. */
async function load(from: Browser, url: string, path: string, selector: string): Promise<Load> {
  const { page, context } = await openWindow(from, url);
  await page.addInitScript((target) => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector(target)) return;
      observer.disconnect();
      // The second frame starts when the first one, which draws the element, has finished.
      requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("drawn")));
    }).observe(document, { childList: true, subtree: true });
  }, selector);
  await page.goto(path);
  const times = await page.waitForFunction(() => {
    const shown = performance.getEntriesByName("drawn")[0]?.startTime;
    const [first] = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/graphql"));
    return shown && { shown, asked: first?.startTime ?? 0, answered: first instanceof PerformanceResourceTiming ? first.responseEnd : 0 };
  });
  const measured = (await times.jsonValue()) as Load;
  await context.close();
  return measured;
}

test("measure first loads of the orders list", async () => {
  const loads: Record<"later" | "nothing" | "ofApi" | "ofBoth", Load[]> = { later: [], nothing: [], ofApi: [], ofBoth: [] };
  for (let count = 0; count < LOADS; count += 1) {
    loads.nothing.push(await load(browser, ORDERS_URL, "/health/live", "pre"));
    loads.later.push(await load(browser, ORDERS_URL, "/", ROWS));
  }
  for (const [index, url] of FRESH_URLS.split(" ").entries()) {
    if (index % 2 === 0) {
      loads.ofApi.push(await load(browser, url, "/", ROWS));
    } else {
      const launched = await launch();
      loads.ofBoth.push(await load(launched, url, "/", ROWS));
      await launched.close();
    }
  }
  await writeFile(FIGURES, JSON.stringify(loads));
});
