import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Launch Chromium without the background services that connect to other hosts. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync",
    ],
  });
}

export interface Window {
  page: Page;
  context: BrowserContext;
  /** Errors in the console, including violations of the security policy. */
  consoleErrors: string[];
}

/** Open a page in its own context: it shares no cookies or storage with other windows. */
export async function openWindow(
  browser: Browser,
  baseURL: string,
  options: { width?: number; colorScheme?: "light" | "dark"; reducedMotion?: "no-preference" } = {},
): Promise<Window> {
  const context = await browser.newContext({
    baseURL,
    viewport: { width: options.width ?? 1280, height: 900 },
    colorScheme: options.colorScheme ?? "light",
    reducedMotion: options.reducedMotion ?? "reduce",
    locale: "en-US",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const consoleErrors: string[] = [];
  page.on("pageerror", (error) => consoleErrors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") consoleErrors.push(message.text());
  });
  return { page, context, consoleErrors };
}

/** Address, visible text and console errors, for the report of a failed test. */
export async function describeWindow({ page, consoleErrors }: Window): Promise<string> {
  return [page.url(), await page.locator("body").innerText(), ...consoleErrors].join("\n");
}
