// runtime: node
// limit: 300 s
/** Texts that try to break out of their frame: every reader is told what was sent and nothing else. @module */

import fc from "fast-check";
import * as assert from "uvu/assert";
import { at } from "../support/json.ts";
import { openSse } from "../support/sse-reader.ts";
import { type Heard, readUpTo, seqOf } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";
import { hook, openFloater, statusOf } from "../support/floater.ts";
import { ALL_TOPICS, headOf, ingest, logOf, problemOf, publish } from "../support/log.ts";
import { readStart } from "./_streams.ts";
import { parseTiny } from "./_tiny-sse.ts";
import { serverContract } from "./server.ts";

const test = serverContract("framing");

const SEEDS = 1_000;

/** What ends a line, a block, a string or a message somewhere. */
const NASTY = [
  "\r",
  "\n",
  "\r\n",
  "\n\n",
  "\r\r",
  "\0",
  "\x1B[2J",
  "\x7F",
  "\x85",
  "\u2028",
  "\u2029",
  "\uFEFF",
  "\u200B",
  "\u202E",
  "\u2066",
  "\uFFFE",
  "\u{1F43E}",
  "\u{10FFFF}",
  "data: x",
  "data",
  "\ndata: injected\n\n",
  "\r\nevent: bye\r\ndata: {}\r\n\r\n",
  "\nid: AAAAAAAAAA.1\n",
  "\nretry: 1\n",
  ": comment",
  '"',
  '\\"}',
  "\\",
  "\\u000a",
  "</script>",
  "__proto__",
];

/** Any text made of these and of others, as long as a field may be. */
const nasty = fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary", maxLength: 5 })), { maxLength: 12 })
  .map((parts) => parts.join("").slice(0, 250)).filter((text) => text.isWellFormed());

const event = fc.record({
  kind: fc.constantFrom("session.update", "tool.start", "tool.end", "permission.request", "turn.complete"),
  sessionId: fc.stringMatching(/^[!-~]{1,128}$/),
  agent: fc.stringMatching(/^[!-~]{1,40}$/),
  id: fc.stringMatching(/^[!-~]{1,40}$/),
  toolUseId: fc.constantFrom("data:", "id:x", "{}", '"', "\\n"),
  title: nasty,
  tool: nasty,
  activity: nasty,
  reason: nasty,
  cwd: nasty,
});

test(`tells ${SEEDS} events full of line ends and control characters as they were sent, over every transport`, async (start) => {
  const perch = await start();
  const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 2 ** 31);
  const events = fc.sample(event, { numRuns: SEEDS, seed });
  const [sse, ws] = await Promise.all([
    openSse(`${perch.url}/events?topics=${ALL_TOPICS}`),
    openWs(`${perch.url}/v1/ws?topics=${ALL_TOPICS}`),
  ]);
  for (const reader of [sse, ws]) await readStart(reader);
  for (let sent = 0; sent < SEEDS; sent += 50) await publish(perch, events.slice(sent, sent + 50));
  const log = await logOf(perch);
  for (const reader of [sse, ws]) await readUpTo(reader, log.at(-1)?.id);
  const sent = events.map((each) => ({ ...each }));
  const inLog = log.filter(({ type }) => type === "event").map(({ data }) => sentPart(data));
  assert.equal(inLog, sent, `with TEST_SEED=${seed}`);
  const lines = log.map(({ json }) => json);
  const tiny = parseTiny(sse.raw).map(({ type, id, data }) => ({ type, id, text: data }));
  const readers = { "eventsource-parser": sse.messages.items, "the tiny parser": tiny, WebSocket: ws.messages.items };
  const last = log.at(-1)?.seq ?? 0; // poses go on ending after it
  for (const [name, all] of Object.entries(readers)) {
    const told = all.filter(({ id }) => id === undefined || seqOf(id) <= last);
    const wrong = lines.findIndex((line, index) => line !== lineOf(told[index + 4]));
    assert.is(wrong, -1, `${name} differs at ${wrong} with TEST_SEED=${seed}`);
    assert.is(told.length, log.length + 4, `${name} was told something else with TEST_SEED=${seed}`);
  }
});

function sentPart(data: unknown): object {
  const { seq: _seq, receivedAt: _receivedAt, ...sent } = Object(data);
  return sent;
}

const lineOf = (told: Pick<Heard, "type" | "id" | "text"> | undefined): string =>
  `{"type":"${told?.type}","id":"${told?.id}","data":${told?.text}}`;

test("starts streams with texts that try to break out as they are", async (start) => {
  const perch = await start();
  const titles = NASTY.map((text) => `a${text}b`);
  await publish(perch, titles.map((title, index) => ({ kind: "session.update", sessionId: `s${index}`, title })));
  const sse = await openSse(`${perch.url}/events`);
  const ws = await openWs(`${perch.url}/v1/ws`);
  for (const reader of [sse, ws]) {
    const { snapshot } = await readStart(reader);
    assert.equal(titles.map((_, index) => at(snapshot, "sessions", index, "title")), titles);
  }
  assert.is(parseTiny(sse.raw).length, 4);
});

test("refuses ids that could break a frame, whatever the field", async (start) => {
  const perch = await start();
  for (const field of ["sessionId", "agent", "id", "toolUseId"]) {
    for (const text of NASTY.filter((text) => !/^[!-~]*$/.test(text))) {
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
  const sse = await openSse(`${perch.url}/events?topics=${ALL_TOPICS}`);
  await readStart(sse);
  for (const text of NASTY) {
    await hook(perch, "PreToolUse", `s${text}`, { tool: text });
    assert.is(at(await statusOf(perch), "recentEvents", 0, "sessionId"), `s${text}`);
    await hook(perch, "SessionEnd", `s${text}`);
  }
  const log = await logOf(perch, "earliest");
  await readUpTo(sse, log.at(-1)?.id);
  const ids = log.filter(({ type }) => type === "event").map(({ data }) => at(data, "sessionId"));
  assert.equal([...new Set(ids)], NASTY.map((text) => `s${text}`));
  assert.equal(
    parseTiny(sse.raw).slice(4, 4 + log.length).map(({ data }) => data),
    log.map(({ data }) => JSON.stringify(data)),
  );
  for (const { text } of floater.pushed.items) JSON.parse(text);
});

test.run();
