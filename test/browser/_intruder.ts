/** A page of some origin that attacks, and what comes of it. @module */

import type { Browser, Frame, Page } from "playwright-core";
import { Inbox, PATIENCE_MS, within } from "../support/inbox.ts";
import type { Attack } from "./_attacks.ts";

/** A name that is made to point to this machine. */
export const EVIL = "evil.test";

/**
 * Chromium as an attacker wishes it to be: names point where they should not, and nobody is asked before a page from elsewhere
 * talks to this machine. What holds then, holds in browsers that know no such question.
 */
export const OBLIGING: readonly string[] = [
  `--host-resolver-rules=MAP ${EVIL} 127.0.0.1`,
  "--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
];

/** Opens an empty page at `url`, even where another server listens there, as before a name is made to point elsewhere. */
export async function openIntruder(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage();
  await page.route(url, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><title>A page</title>" }));
  await page.goto(url);
  await page.unroute(url);
  return page;
}

/** A frame of no origin in a page. */
export async function openSandbox(page: Page): Promise<Frame> {
  await page.setContent('<!doctype html><iframe sandbox="allow-scripts allow-forms" srcdoc="<!doctype html><body>"></iframe>');
  const [, frame] = page.frames();
  if (frame === undefined) throw new Error("The page has no frame");
  await frame.waitForLoadState();
  return frame;
}

/** What the broker has answered to a page, whether the page may know of it or not; preflights too, WebSockets not. */
export class Traffic {
  /** Each answer, as `status method target`. */
  readonly answers = new Inbox<string>("answers to a page");

  private constructor() {}

  /** Notes all that comes from `server` to `frame` from now on. */
  static async of(frame: Frame | Page, server: string): Promise<Traffic> {
    const traffic = new Traffic();
    const page = "page" in frame ? frame.page() : frame;
    const devtools = await page.context().newCDPSession(frame);
    const asked = new Map<string, string>();
    const status = new Map<string, number>();
    // The two come in any order.
    const note = (id: string) => {
      const [request, code] = [asked.get(id), status.get(id)];
      if (request !== undefined && code !== undefined) traffic.answers.push(`${code} ${request}`);
    };
    devtools.on("Network.requestWillBeSent", ({ requestId, request: { method, url } }) => {
      if (!url.startsWith(`${server}/`)) return;
      asked.set(requestId, `${method} ${url.slice(server.length)}`);
      note(requestId);
    });
    devtools.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => {
      status.set(requestId, statusCode);
      note(requestId);
    });
    await devtools.send("Network.enable");
    return traffic;
  }
}

/** Runs one attack in `frame`; what it could read comes back. */
export function launch(frame: Frame | Page, { name, run, how }: Attack, url: string): Promise<string> {
  return within(PATIENCE_MS, `end of ${name} at ${url}`, frame.evaluate(run, { url, how }));
}
