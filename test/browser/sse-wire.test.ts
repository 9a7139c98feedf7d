// runtime: node
// needs: chromium
// limit: 300 s
/** Hostile streams in a real browser: its EventSource dispatches what was sent, byte for byte, and nothing else. @module */

import { createServer } from "node:http";
import type { Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StreamEvent } from "../support/event-stream.ts";
import { hostileText, sampled } from "../support/hostile-text.ts";
import { choosePet, hook } from "../support/floater.ts";
import { rounds } from "../support/hard.ts";
import { at } from "../support/json.ts";
import { WIRE_TYPES, wireSample } from "../support/wire-sample.ts";
import { serverContract } from "../contracts/server.ts";
import { withBrowser, withOrigin } from "./_browser.ts";

const encoder = suite("the encoder in Chromium");
const test = serverContract("hostile texts in Chromium");

const SEED = Number(process.env["TEST_SEED"] ?? 6_202);
const EVENTS = rounds(10_000, 50_000);

/** Reads a stream in the page to its end, or to an event of the given types with `last` in its data. */
function readInPage(page: Page, url: string, types: readonly string[], last = "\n"): Promise<StreamEvent[]> {
  return page.evaluate(([url, types, last]) =>
    new Promise<StreamEvent[]>((resolve) => {
      const events: StreamEvent[] = [];
      const source = new EventSource(url);
      const take = ({ type, lastEventId, data }: MessageEvent) => {
        events.push({ type, id: lastEventId, data });
        if (data.includes(last)) source.onerror?.(new Event("error"));
      };
      for (const type of ["message", ...types]) source.addEventListener(type, take);
      // What has ended is not asked for again, so that nothing is counted twice.
      source.onerror = () => {
        source.close();
        resolve(events);
      };
    }), [url, types, last] as const);
}

encoder(`dispatches ${EVENTS} hostile events as they were sent`, async () => {
  const { text, sent } = wireSample(EVENTS, SEED);
  const server = createServer((request, response) => {
    const isStream = request.url === "/events";
    response.writeHead(200, { "content-type": isStream ? "text/event-stream; charset=utf-8" : "text/html" });
    response.end(isStream ? text : "<!doctype html>");
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  try {
    await withBrowser(async (browser) => {
      const page = await browser.newPage();
      await page.goto(origin);
      const events = await readInPage(page, `${origin}/events`, WIRE_TYPES);
      const wrong = sent.findIndex(({ type, id, data }, index) => {
        const event = events[index];
        return event?.type !== type || event.id !== id || event.data !== data;
      });
      assert.equal([events[wrong], sent[wrong]], [undefined, undefined], `event ${wrong}, with TEST_SEED=${SEED}`);
      assert.is(events.length, sent.length, `with TEST_SEED=${SEED}`);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("shows a page hostile pets and session ids as they were sent", (start) =>
  withOrigin((origin) =>
    withBrowser(async (browser) => {
      const { items, repeat } = sampled(hostileText(200), 200);
      const texts = items.map((text, index) => `${text}${index}`);
      const perch = await start("--allow-origin", origin);
      const page = await browser.newPage();
      await page.goto(origin);
      const told = async (topic: string, type: string, field: string) => {
        const url = `${perch.url}/events?topics=${topic}&since=earliest`;
        const events = await readInPage(page, url, [type], JSON.stringify(texts.at(-1)));
        // With time a session is told again.
        return [...new Set(events.map(({ data }) => at(JSON.parse(data), field)))];
      };
      const [pets, sessions] = [told("pet", "pet", "slug"), told("sessions", "session", "id")];
      for (const text of texts) {
        await choosePet(perch, text);
        await hook(perch, "PreToolUse", text);
      }
      assert.equal(await pets, texts, repeat);
      assert.equal(await sessions, texts, repeat);
    })
  ));

encoder.run();
test.run();
