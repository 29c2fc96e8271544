import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Debian's Chromium, quiet: nothing of it looks for hosts elsewhere. */
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
  /** What a person with the console open would see: errors, and whatever the security policy stopped. */
  complaints: string[];
}

/** A window of somebody else's: nothing is shared with the others but the API. */
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
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return { page, context, complaints };
}

/** What somebody would see who looked at a window now, to be told of a test that failed. */
export async function shown({ page, complaints }: Window): Promise<string> {
  return [page.url(), await page.locator("body").innerText(), ...complaints].join("\n");
}
