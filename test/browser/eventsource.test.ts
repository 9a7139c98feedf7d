// runtime: node
// needs: chromium
// limit: 300 s
/** The lightest floater there is, a page with an EventSource, in a real browser. @module */

import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import type { Inbox } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { choosePet } from "../support/floater.ts";
import { CuttingProxy } from "../support/cutting-proxy.ts";
import { publish } from "../support/log.ts";
import { openSse } from "../support/sse-reader.ts";
import { serverContract } from "../contracts/server.ts";
import { countPreflights, type Dispatched, openEventSource, withBrowser, withOrigin } from "./_browser.ts";

const test = serverContract("pages");

/** `readyState` of an EventSource that tries again; one that has given up has another. */
const CONNECTING = "0";

/** Waits until the page is told that the aggregate is in `state`. */
async function told(heard: Inbox<Dispatched>, state: string): Promise<Dispatched> {
  return await heard.next(`state ${state}`, ({ type, text }) => type === "state" && text.startsWith(`{"state":"${state}"`));
}

/** Reads the start of a stream, from `hello` to `live`. */
async function started(heard: Inbox<Dispatched>): Promise<{ epoch: unknown; reason: unknown; cursor: string }> {
  const hello = await heard.next("hello", ({ type }) => type === "hello", 30_000);
  const reset = await heard.next("reset", ({ type }) => type === "reset");
  await heard.next("snapshot", ({ type }) => type === "snapshot");
  const live = await heard.next("live", ({ type }) => type === "live");
  return { epoch: at(JSON.parse(hello.text), "epoch"), reason: at(JSON.parse(reset.text), "reason"), cursor: live.id };
}

test("tells a native EventSource of every change, and it finds a restarted broker by itself without a preflight", (start) =>
  withOrigin((origin) =>
    withBrowser(async (browser) => {
      const page = await browser.newPage();
      await page.goto(origin);
      const preflights = await countPreflights(page);
      let perch = await start("--allow-origin", origin);
      const heard = await openEventSource(page, `${perch.url}/events`);
      const first = await started(heard);
      assert.equal([first.reason, first.cursor], ["none", `${first.epoch}.0`]);
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const cursor = await publish(perch, { kind: "tool.start", sessionId: "s" });
        assert.is((await told(heard, "working")).id, cursor);
        await choosePet(perch, "boba");
        assert.is((await heard.next("pet", ({ type }) => type === "pet")).text, '{"slug":"boba"}');
        perch.signal(signal);
        await perch.exited;
        perch = await start("--allow-origin", origin, "--port", String(perch.port));
        const again = await started(heard);
        assert.equal([again.reason, again.cursor], ["epoch", `${again.epoch}.0`]);
      }
      await publish(perch, { kind: "permission.request", sessionId: "t" });
      await told(heard, "waiting");
      assert.is(preflights(), 0);
      await assertPreflightIsSeen(page, perch, preflights);
    })
  ));

/** A request that does need a preflight is counted, so those that were not there would have been. */
async function assertPreflightIsSeen(page: Page, perch: ServerProcess, preflights: () => number): Promise<void> {
  const status = await page.evaluate(async (url) => {
    const body = '{"kind":"permission.resolve","sessionId":"t"}';
    const { status } = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    return status;
  }, `${perch.url}/v1/events`);
  assert.equal([status, preflights()], [200, 1]);
}

/** How many times the EventSource has lost its stream; for good, if it has given up. */
const losses = (heard: Inbox<Dispatched>): string[] =>
  heard.items.filter(({ type }) => type === "error").map(({ text }) => text);

test("an EventSource whose connection breaks goes on where it was, without a preflight", (start) =>
  withOrigin((origin) =>
    withBrowser(async (browser) => {
      const perch = await start("--allow-origin", origin);
      const proxy = await CuttingProxy.start(perch.port);
      const page = await browser.newPage();
      await page.goto(origin);
      const preflights = await countPreflights(page);
      const heard = await openEventSource(page, `${proxy.url}/events`);
      await started(heard);
      for (const slug of ["cat", "dog", "owl"]) {
        proxy.cutAfter([10]);
        await choosePet(perch, slug);
        const hello = await heard.next("hello", ({ type }) => type === "hello", 30_000);
        assert.equal([at(JSON.parse(hello.text), "mode"), at(JSON.parse(hello.text), "recovered")], ["delta", true]);
        assert.is((await heard.next("pet", ({ type }) => type === "pet")).text, JSON.stringify({ slug }));
        await heard.next("live", ({ type }) => type === "live");
      }
      assert.equal([proxy.cuts, preflights()], [3, 0]);
      assert.equal(losses(heard), [CONNECTING, CONNECTING, CONNECTING]);
      await proxy.close();
    })
  ));

test("an EventSource that finds no place is told so, tries again by itself, and comes in once there is one", (start) =>
  withOrigin((origin) =>
    withBrowser(async (browser) => {
      const perch = await start("--allow-origin", origin, "--max-readers", "1");
      const first = await openSse(`${perch.url}/events`);
      await first.messages.next("live", ({ type }) => type === "live");
      const page = await browser.newPage();
      await page.goto(origin);
      const heard = await openEventSource(page, `${perch.url}/events`);
      for (let round = 0; round < 2; round += 1) {
        const bye = await heard.next("bye", ({ type }) => type === "bye", 30_000);
        assert.is(at(JSON.parse(bye.text), "reason"), "overload");
      }
      first.close();
      await started(heard);
      assert.ok(losses(heard).length >= 2 && losses(heard).every((state) => state === CONNECTING));
    })
  ));

test.run();
