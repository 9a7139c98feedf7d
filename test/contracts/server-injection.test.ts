// runtime: node
// limit: 300 s
/** Hostile texts in what is no field of an event: pets, ids of v0, queries, cursors. Nothing of them becomes a line of its own. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { readEventStream } from "../support/event-stream.ts";
import { hostileText, sampled } from "../support/hostile-text.ts";
import { choosePet, hook, openFloater } from "../support/floater.ts";
import { rounds } from "../support/hard.ts";
import { ask, bearerOf } from "../support/http.ts";
import { at } from "../support/json.ts";
import { ALL_TOPICS, headOf, ingest, problemOf } from "../support/log.ts";
import { openSse, type SseReader } from "../support/sse-reader.ts";
import type { StreamReader } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";
import { readStart } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("injection");

const SEEDS = rounds(1_000, 10_000);
const AT_ONCE = 10;

/** One client opens all of the streams here. */
const MANY_STREAMS = ["--max-new-streams", "100000"];

const some = (limit: number) => hostileText(limit).filter((text) => text !== "");
const isId = (text: string): boolean => /^[!-~]{1,128}$/.test(text);

/** Does the same with each, some at once. */
async function forEach<Item>(items: readonly Item[], body: (item: Item) => Promise<unknown>): Promise<void> {
  const queue = items.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const item of queue) await body(item);
  }));
}

/** Fails when a stream has a line that nobody wrote, or another number of events than its reader was told. */
function assertWhole({ raw, messages }: SseReader, repeat: string): void {
  const { strays, events } = readEventStream(new TextEncoder().encode(raw));
  assert.equal(strays, [], repeat);
  assert.equal(events.map(({ data }) => data), messages.items.map(({ text }) => text), repeat);
}

/** Waits until the `field` of messages of one type has told all of `sent`, and fails where it tells anything else. */
async function assertTold(
  { messages }: StreamReader,
  type: string,
  field: string,
  sent: readonly string[],
  repeat: string,
): Promise<void> {
  const [known, left] = [new Set<unknown>(sent), new Set<unknown>(sent)];
  for (let index = 0; left.size > 0; index += 1) {
    const message = await messages.nth(index);
    const told = at(message.data, field);
    if (message.type !== type) continue;
    assert.ok(known.has(told), `nobody sent ${JSON.stringify(told)} ${repeat}`);
    left.delete(told);
  }
}

test(`tells ${SEEDS} hostile pets as they were chosen, over every transport`, async (start) => {
  const perch = await start();
  const { items, repeat } = sampled(some(250), SEEDS);
  const slugs = items.map((slug, index) => `${slug}${index}`);
  const [sse, ws] = await Promise.all([openSse(`${perch.url}/events?topics=pet`), openWs(`${perch.url}/v1/ws?topics=pet`)]);
  const floater = await openFloater(perch);
  for (const reader of [sse, ws]) await readStart(reader);
  await forEach(slugs, async (slug) => assert.is((await choosePet(perch, slug)).status, 200, repeat));
  for (const reader of [sse, ws]) await assertTold(reader, "pet", "slug", slugs, repeat);
  assertWhole(sse, repeat);
  const left = new Set<unknown>(slugs);
  while (left.size > 0) {
    const { text } = await floater.pushed.next("pet", ({ type }) => type === "pet");
    assert.ok(left.delete(at(JSON.parse(text), "slug")), `${text} ${repeat}`);
  }
});

test(`tells ${SEEDS} hostile session ids of v0 as they were sent, over every transport`, async (start) => {
  const perch = await start();
  const { items, repeat } = sampled(some(1_000), SEEDS);
  const ids = items.map((id, index) => `${id}${index}`);
  const sse = await openSse(`${perch.url}/events?topics=${ALL_TOPICS}`, bearerOf(perch));
  const ws = await openWs(`${perch.url}/v1/ws?topics=${ALL_TOPICS}`, { headers: bearerOf(perch) });
  for (const reader of [sse, ws]) await readStart(reader);
  await forEach(ids, (id) => hook(perch, "PreToolUse", id, { tool: id }));
  for (const reader of [sse, ws]) {
    await assertTold(reader, "session", "id", ids, repeat);
    await assertTold(reader, "event", "sessionId", ids, repeat);
  }
  assertWhole(sse, repeat);
});

test(`answers ${SEEDS} hostile agents and ids with 400 in one line, and keeps none`, async (start) => {
  const perch = await start();
  const { items, repeat } = sampled(some(128).filter((text) => !isId(text)), SEEDS);
  const fields = ["agent", "sessionId", "id", "toolUseId"];
  await forEach(items.map((text, index) => ({ text, field: fields[index % fields.length] ?? "" })), async ({ text, field }) => {
    const answer = await ingest(perch, { kind: "tool.start", sessionId: "s", [field]: text });
    assert.is(problemOf(answer), `400 invalid_${field}`, `${JSON.stringify(text)} ${repeat}`);
    assertOneLine(answer.text, repeat);
  });
  assert.is(await headOf(perch), 0);
});

function assertOneLine(text: string, repeat: string): void {
  assert.ok([...text].every((character) => character >= " "), `${JSON.stringify(text)} ${repeat}`);
}

test(`answers ${SEEDS} hostile queries with 400 in one line, or a stream of nothing but what it says`, async (start) => {
  const perch = await start(...MANY_STREAMS);
  const { items, repeat } = sampled(some(140), SEEDS);
  await forEach(items, async (text) => {
    const query = encodeURIComponent(text);
    const topics = await ask(`${perch.url}/events?topics=${query}`);
    assert.is(problemOf(topics), "400 invalid_topics", repeat);
    assertOneLine(topics.text, repeat);
    if (isId(text)) {
      await assertPlainStart(perch, `session=${query}`, repeat);
      return;
    }
    const session = await ask(`${perch.url}/events?session=${query}`);
    assert.is(problemOf(session), "400 invalid_session", repeat);
    assertOneLine(session.text, repeat);
  });
});

/** The start of a stream that has missed nothing is four events, whatever was asked for. */
async function assertPlainStart({ url }: ServerProcess, query: string, repeat: string): Promise<unknown> {
  const sse = await openSse(`${url}/events?${query}`);
  await readStart(sse);
  sse.close();
  assertWhole(sse, `${query} ${repeat}`);
  assert.equal(sse.messages.items.map(({ type }) => type), ["hello", "reset", "snapshot", "live"], `${query} ${repeat}`);
  return at(sse.messages.items[0]?.data, "since");
}

test(`starts from ${SEEDS} hostile cursors as from no place, and tells them back cut and whole`, async (start) => {
  const perch = await start(...MANY_STREAMS);
  const { items, repeat } = sampled(some(200), SEEDS);
  await forEach(items, async (cursor) => {
    const since = await assertPlainStart(perch, `since=${encodeURIComponent(cursor)}`, repeat);
    assert.is(since, cursor.slice(0, 64), repeat);
    const socket = await openWs(`${perch.url}/v1/ws`, { resume: cursor });
    const { reason } = await readStart(socket);
    socket.close();
    assert.is(reason, "malformed", repeat);
  });
});

test.run();
