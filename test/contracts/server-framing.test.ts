// runtime: node
// limit: 300 s
/** Texts that try to break out of their frame: every reader is told what was sent and nothing else. @module */

import fc from "fast-check";
import * as assert from "uvu/assert";
import { readEventStream, type StreamReading } from "../support/event-stream.ts";
import { HOSTILE, hostileText, sampled } from "../support/hostile-text.ts";
import { at } from "../support/json.ts";
import { openSse, type SseReader } from "../support/sse-reader.ts";
import { type Heard, readUpTo, seqOf } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";
import { hook, openFloater, statusOf } from "../support/floater.ts";
import { ALL_TOPICS, headOf, ingest, logOf, problemOf, publish } from "../support/log.ts";
import { readStart } from "./_streams.ts";
import { serverContract } from "./server.ts";
import { bearerOf } from "../support/http.ts";

const test = serverContract("framing");

/** All of what follows from them must fit into the log. */
const SEEDS = 1_000;

const hostile = hostileText(250);

const event = fc.record({
  kind: fc.constantFrom("session.update", "tool.start", "tool.end", "permission.request", "turn.complete"),
  sessionId: fc.stringMatching(/^[!-~]{1,128}$/),
  agent: fc.stringMatching(/^[!-~]{1,40}$/),
  id: fc.stringMatching(/^[!-~]{1,40}$/),
  toolUseId: fc.constantFrom("data:", "id:x", "{}", '"', "\\n"),
  title: hostile,
  tool: hostile,
  activity: hostile,
  reason: hostile,
  cwd: hostile,
});

test(`tells ${SEEDS} events full of line ends and control characters as they were sent, over every transport`, async (start) => {
  const perch = await start();
  const { items, repeat } = sampled(event, SEEDS);
  const events = items.map((each, index) => ({ ...each, id: `${each.id}${index}` }));
  const [sse, ws] = await Promise.all([
    openSse(`${perch.url}/events?topics=${ALL_TOPICS}`, bearerOf(perch)),
    openWs(`${perch.url}/v1/ws?topics=${ALL_TOPICS}`, { headers: bearerOf(perch) }),
  ]);
  for (const reader of [sse, ws]) await readStart(reader);
  for (let sent = 0; sent < SEEDS; sent += 50) await publish(perch, events.slice(sent, sent + 50));
  const log = await logOf(perch);
  for (const reader of [sse, ws]) await readUpTo(reader, log.at(-1)?.id);
  const sent = events.map((each) => ({ ...each }));
  const inLog = log.filter(({ type }) => type === "event").map(({ data }) => sentPart(data));
  assert.equal(inLog, sent, repeat);
  const lines = log.map(({ json }) => json);
  const standard = readingOf(sse).events.map(({ type, id, data }) => ({ type, id: id === "" ? undefined : id, text: data }));
  const readers = { "eventsource-parser": sse.messages.items, "the standard's text": standard, WebSocket: ws.messages.items };
  const last = log.at(-1)?.seq ?? 0; // poses go on ending after it
  for (const [name, all] of Object.entries(readers)) {
    const told = all.filter(({ id }) => id === undefined || seqOf(id) <= last);
    const wrong = lines.findIndex((line, index) => line !== lineOf(told[index + 4]));
    assert.is(wrong, -1, `${name} differs at ${wrong} ${repeat}`);
    assert.is(told.length, log.length + 4, `${name} was told something else ${repeat}`);
  }
});

/** All that a stream has said so far; a line that nobody wrote fails the test. */
function readingOf({ raw }: SseReader): StreamReading {
  const reading = readEventStream(new TextEncoder().encode(raw));
  assert.equal(reading.strays, []);
  return reading;
}

function sentPart(data: unknown): object {
  const { seq: _seq, receivedAt: _receivedAt, ...sent } = Object(data);
  return sent;
}

const lineOf = (told: Pick<Heard, "type" | "id" | "text"> | undefined): string =>
  `{"type":"${told?.type}","id":"${told?.id}","data":${told?.text}}`;

test("starts streams with texts that try to break out as they are", async (start) => {
  const perch = await start();
  const titles = HOSTILE.map((text) => `a${text}b`);
  await publish(perch, titles.map((title, index) => ({ kind: "session.update", sessionId: `s${index}`, title })));
  const sse = await openSse(`${perch.url}/events`, bearerOf(perch));
  const ws = await openWs(`${perch.url}/v1/ws`, { headers: bearerOf(perch) });
  for (const reader of [sse, ws]) {
    const { snapshot } = await readStart(reader);
    assert.equal(titles.map((_, index) => at(snapshot, "sessions", index, "title")), titles);
  }
  assert.is(readingOf(sse).events.length, 4);
});

test("refuses ids that could break a frame, whatever the field", async (start) => {
  const perch = await start();
  for (const field of ["sessionId", "agent", "id", "toolUseId"]) {
    for (const text of HOSTILE.filter((text) => !/^[!-~]*$/.test(text))) {
      for (const value of [text, `a${text}`, `${text}a`]) {
        const answer = await ingest(perch, { kind: "tool.start", sessionId: "s", [field]: value });
        assert.is(problemOf(answer), `400 invalid_${field}`, JSON.stringify(value));
        assert.ok(!/[\r\n\0]/.test(answer.text), "the refusal is one line");
      }
    }
  }
  assert.is(await headOf(perch), 0);
});

test("tells v0 ids and tools of any text as they were sent", async (start) => {
  const perch = await start();
  const floater = await openFloater(perch);
  const sse = await openSse(`${perch.url}/events?topics=${ALL_TOPICS}`, bearerOf(perch));
  await readStart(sse);
  for (const text of HOSTILE) {
    await hook(perch, "PreToolUse", `s${text}`, { tool: text });
    assert.is(at(await statusOf(perch), "recentEvents", 0, "sessionId"), `s${text}`);
    await hook(perch, "SessionEnd", `s${text}`);
  }
  const log = await logOf(perch, "earliest");
  await readUpTo(sse, log.at(-1)?.id);
  const ids = log.filter(({ type }) => type === "event").map(({ data }) => at(data, "sessionId"));
  assert.equal([...new Set(ids)], HOSTILE.map((text) => `s${text}`));
  assert.equal(
    readingOf(sse).events.slice(4, 4 + log.length).map(({ data }) => data),
    log.map(({ data }) => JSON.stringify(data)),
  );
  for (const { text } of floater.pushed.items) JSON.parse(text);
});

test.run();
