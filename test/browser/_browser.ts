/** A real browser, and pages of any origin in it. @module */

import { createServer, type Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import { startChromium } from "../support/chromium.ts";
import { Inbox } from "../support/inbox.ts";

/** Runs `body` with a browser whose profile is new. */
export async function withBrowser(body: (browser: Browser) => Promise<void>, ...more: readonly string[]): Promise<void> {
  const browser = await startChromium(...more);
  try {
    await body(browser);
  } finally {
    await browser.close();
  }
}

/** Runs `body` with the origin of a server that serves empty pages. */
export async function withOrigin(body: (origin: string) => Promise<void>): Promise<void> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>A page</title>");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    await body(`http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A message as a page's EventSource dispatched it. */
export interface Dispatched {
  readonly type: string;
  readonly id: string;
  readonly text: string;
}

/** Opens a native EventSource in the page. What it dispatches comes here; `open` and `error` come as such. */
export async function openEventSource(page: Page, url: string): Promise<Inbox<Dispatched>> {
  const inbox = new Inbox<Dispatched>(`what an EventSource dispatched of ${url}`);
  await page.exposeFunction("tell", (type: string, id: string, text: string) => inbox.push({ type, id, text }));
  await page.evaluate((url) => {
    const tell: unknown = Reflect.get(globalThis, "tell");
    const source = new EventSource(url);
    const types = ["hello", "reset", "snapshot", "live", "state", "session", "session.gone", "pet", "bye", "message"];
    const pass = (event: Event) => {
      const { lastEventId = "", data = String(source.readyState) } = event instanceof MessageEvent ? event : {};
      if (typeof tell === "function") tell(event.type, lastEventId, data);
    };
    for (const type of ["open", "error", ...types]) source.addEventListener(type, pass);
    Object.assign(globalThis, { source });
  }, url);
  return inbox;
}

/** Counts the preflights that the page's browser sends; other requests it passes over. */
export async function countPreflights(page: Page): Promise<() => number> {
  const devtools = await page.context().newCDPSession(page);
  let count = 0;
  devtools.on("Network.requestWillBeSent", ({ request, type }) => {
    if (type === "Preflight" || request.method === "OPTIONS") count += 1;
  });
  await devtools.send("Network.enable");
  return () => count;
}
