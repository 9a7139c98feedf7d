/** floater.html in a real Chromium. @module */

import type { Browser, Page } from "playwright-core";

/** A page comes back some seconds after its broker does. */
const SHOWS_WITHIN_MS = 30_000;

/** Opens the page at `url`, and closes it after `body`. */
export async function withPage(browser: Browser, url: string, body: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    await body(page);
  } finally {
    await page.close();
  }
}

/** What the page says: its state, its counts, and how its stream is. */
export type Said = readonly [state: string, counts: string, stream: string];

/** Waits until the page says this. */
export async function says(page: Page, expected: Said): Promise<void> {
  const isSaid = (wanted: string): boolean =>
    JSON.stringify(["state", "counts", "stream"].map((id) => document.getElementById(id)?.textContent)) === wanted;
  try {
    await page.waitForFunction(isSaid, JSON.stringify(expected), { timeout: SHOWS_WITHIN_MS });
  } catch (cause) {
    const said = JSON.stringify(await page.locator("[id]").allTextContents());
    throw new Error(`The page does not say ${JSON.stringify(expected)}, but ${said}`, { cause });
  }
}
