import { writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";

import { launch, openWindow } from "./browser";

const { ORDERS_URL = "", FIGURES = "" } = process.env;
const DURATION = 20_000; // milliseconds
const KEY_INTERVAL = 250;

let browser: Browser;
beforeAll(async () => { browser = await launch(); });
afterAll(async () => { await browser.close(); });

/** Measure in the page, in milliseconds: time between frames, long tasks, and delay from a key to its listener. */
function measure(page: Page) {
  return page.evaluate(async (duration) => {
    const frames: number[] = [];
    const longTasks: number[] = [];
    const keys: number[] = [];
    new PerformanceObserver((list) => { longTasks.push(...list.getEntries().map((entry) => entry.duration)); }).observe({ type: "longtask" });
    window.addEventListener("keydown", (event) => { keys.push(performance.now() - event.timeStamp); });
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const first = await frame();
    for (let last = first; last < first + duration;) {
      const next = await frame();
      frames.push(next - last);
      last = next;
    }
    return { frames, longTasks, keys };
  }, DURATION);
}

test("measure frames and key delays of the orders list while its feed is active", async () => {
  const { page } = await openWindow(browser, ORDERS_URL, { reducedMotion: "no-preference" });
  let events = 0;
  page.on("websocket", (socket) => {
    socket.on("framereceived", ({ payload }) => { if (payload.includes("orderFeed")) events += 1; });
  });
  await page.goto("/");
  await page.locator("tbody tr").first().waitFor();
  await page.waitForLoadState("networkidle");
  const before = events;
  const measuring = measure(page);
  for (let pressed = 0; pressed < DURATION / KEY_INTERVAL; pressed += 1) {
    await page.keyboard.press("Shift");
    await sleep(KEY_INTERVAL);
  }
  await writeFile(FIGURES, JSON.stringify({ ...(await measuring), events: events - before }));
});
