// runtime: node
// needs: chromium
// limit: 300 s
/** The lightest floater there is, a page with an EventSource, in a real browser; and pages that may do nothing. @module */

import type { Page } from "playwright-core";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import type { Inbox } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { takenBy } from "../support/doors.ts";
import { choosePet } from "../support/floater.ts";
import { publish } from "../support/log.ts";
import { serverContract } from "../contracts/server.ts";
import { countPreflights, type Dispatched, openEventSource, withBrowser, withOrigin } from "./_browser.ts";

const test = serverContract("pages");

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

/** What a page tries against a broker; each answers what came of it. */
const ATTEMPTS: Readonly<Record<string, (url: string) => Promise<string>>> = {
  "GET /v1/state": (url) => fetch(`${url}/v1/state`).then((answer) => answer.text(), () => "refused"),
  "GET /status": (url) => fetch(`${url}/status`).then((answer) => answer.text(), () => "refused"),
  "POST JSON": (url) => {
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    return fetch(`${url}/v1/events`, { ...init, body: '{"kind":"tool.start","sessionId":"s"}' }).then(
      ({ ok }) => ok ? "taken" : "refused",
      () => "refused",
    );
  },
  "POST without a preflight": async (url) => {
    const bodies = [
      '{"kind":"PreToolUse","sessionId":"s"}',
      new Blob(['{"slug":"evil"}']),
      new URLSearchParams({ slug: "evil" }),
    ];
    for (const path of ["/event", "/switch", "/dismiss", "/v1/events"]) {
      for (const body of bodies) await fetch(url + path, { method: "POST", mode: "no-cors", body });
    }
    return "refused";
  },
  "a beacon": (url) => {
    navigator.sendBeacon(`${url}/event`, '{"kind":"PreToolUse","sessionId":"s"}');
    return Promise.resolve("refused");
  },
  "a form": (url) =>
    new Promise((resolve) => {
      const frame = Object.assign(document.createElement("iframe"), { name: "answer" });
      document.body.append(frame);
      const form = Object.assign(document.createElement("form"), { method: "POST", action: `${url}/event`, target: "answer" });
      form.enctype = "text/plain";
      form.append(Object.assign(document.createElement("input"), { name: '{"kind":"PreToolUse","sessionId":"', value: 's"}' }));
      document.body.append(form);
      frame.onload = () => resolve("refused");
      form.submit();
    }),
  "a script": (url) =>
    new Promise((resolve) => {
      const script = Object.assign(document.createElement("script"), { src: `${url}/v1/state` });
      script.onload = () => resolve("read");
      script.onerror = () => resolve("refused");
      document.body.append(script);
    }),
  "an EventSource": (url) =>
    new Promise((resolve) => {
      const source = new EventSource(`${url}/events`);
      source.onopen = () => resolve("open");
      source.onerror = () => resolve(source.readyState === EventSource.CLOSED ? "refused" : "trying on");
    }),
  "sockets": async (url) => {
    for (const path of ["/ws", "/v1/ws", "/"]) {
      const socket = new WebSocket(url.replace("http", "ws") + path);
      const end = await new Promise<string>((resolve) => {
        socket.onopen = () => resolve("open");
        socket.onclose = () => resolve("refused");
      });
      if (end === "open") return path;
    }
    return "refused";
  },
};

test("lets a page of another origin read nothing and write nothing", (start) =>
  withOrigin((origin) =>
    withBrowser(async (browser) => {
      const perch = await start("--allow-origin", "http://localhost:1");
      const before = await takenBy(perch);
      for (const host of ["127.0.0.1", "localhost"]) {
        const page = await browser.newPage();
        await page.goto(origin.replace("127.0.0.1", host));
        for (const [what, attempt] of Object.entries(ATTEMPTS)) {
          assert.is(await page.evaluate(attempt, perch.url), "refused", `${what} from ${host}`);
        }
      }
      assert.equal(await takenBy(perch), before);
    })
  ));

test("answers nothing under a foreign name that was made to point to it", async (start) => {
  const perch = await start();
  const before = await takenBy(perch);
  await withBrowser(async (browser) => {
    const page = await browser.newPage();
    const url = `http://evil.test:${perch.port}`;
    for (const path of ["/status", "/v1/state", "/events"]) {
      const response = await page.goto(url + path);
      assert.equal([response?.status(), await response?.text().then((text) => text.includes("wrong_host"))], [421, true], path);
    }
    const attempts = ["GET /status", "POST JSON", "an EventSource", "sockets"];
    for (const what of attempts) {
      const answer = await page.evaluate(ATTEMPTS[what] ?? (() => "no such attempt"), url);
      assert.ok(answer === "refused" || answer.includes("wrong_host"), `${what} answered ${answer}`);
    }
  }, "--host-resolver-rules=MAP evil.test 127.0.0.1");
  assert.equal(await takenBy(perch), before);
});

test.run();
