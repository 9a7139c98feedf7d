// runtime: node
// limit: 300 s
// hard limit: 1800 s
/** Bodies that nobody would send on purpose: each gets an answer, and none breaks the broker. @module */

import fc from "fast-check";
import * as assert from "uvu/assert";
import { EVENT_KINDS } from "../../src/core/events.ts";
import { rounds } from "../support/hard.ts";
import { post } from "../support/http.ts";
import { at } from "../support/json.ts";
import { ingest, logOf, problemOf, publish } from "../support/log.ts";
import { SEED } from "../support/seed.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 fuzz");

const RUNS = rounds(2_000, 100_000);

const wild = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom("a b", "", "\r\ndata: x", "\u2028", "\uD800", "__proto__", "constructor"),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.jsonValue(),
);

/** A right value, but for one time in thirty. */
const mostly = <Value>(right: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 29, arbitrary: right }, { weight: 1, arbitrary: wild });

const id = mostly(fc.stringMatching(/^[!-~]{1,128}$/));
const text = mostly(fc.string({ unit: "grapheme", maxLength: 100 }));

/** Something like an event: often right in all of its fields. */
const eventLike = fc.record({
  kind: mostly(fc.constantFrom(...EVENT_KINDS)),
  sessionId: mostly(fc.constantFrom("a", "b", "c")),
  agent: id,
  id: mostly(fc.stringMatching(/^[!-~]{24,128}$/)),
  occurredAt: mostly(fc.integer()),
  source: mostly(fc.constantFrom("hook", "process", "transcript", "client")),
  toolUseId: id,
  tool: text,
  ok: mostly(fc.boolean()),
  exitCode: mostly(fc.integer()),
  pid: mostly(fc.integer({ min: 1 })),
  cwd: text,
  title: text,
  activity: text,
  reason: text,
  ["__proto__"]: wild,
}, { requiredKeys: ["kind", "sessionId"] });

const json = fc.oneof(fc.jsonValue(), eventLike, fc.array(eventLike, { maxLength: 5 })).map((value) => JSON.stringify(value));

const body = fc.oneof(
  json.map((value) => Buffer.from(value)),
  fc.array(json, { maxLength: 4 }).map((values) => Buffer.from(values.join("\n"))),
  fc.tuple(json, fc.nat(), fc.uint8Array({ maxLength: 4 })).map(([value, place, bytes]) => spliced(value, place, bytes)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

/** The text with some bytes put over it at some place. */
function spliced(value: string, place: number, bytes: Uint8Array): Buffer {
  const whole = Buffer.from(value);
  whole.set(bytes.subarray(0, whole.length), place % Math.max(1, whole.length - bytes.length));
  return whole;
}

const sent = fc.record({
  body,
  type: fc.constantFrom("application/json", "application/x-ndjson", "application/json; charset=utf-8"),
});

test(`answers each of ${RUNS} random bodies, takes all of it or nothing, and lives on`, async (start) => {
  const perch = await start();
  let cursor = "earliest";
  let taken = 0;
  const property = fc.asyncProperty(sent, async ({ body, type }) => {
    const answer = await ingest(perch, body, type);
    const events = await logOf(perch, cursor, "events");
    cursor = events.at(-1)?.id ?? cursor;
    taken += events.length;
    if (answer.status === 200) assert.equal(at(answer.json, "seqs"), events.map(({ seq }) => seq));
    else assert.match(problemOf(answer), /^400 (?:invalid_\w+|expected_object|empty_batch|too_deep)$/);
    assert.is(events.length, answer.status === 200 ? at(answer.json, "accepted") : 0);
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  assert.ok(taken > RUNS / 10, `only ${taken} events were taken, so the test says little`);
  await publish(perch, { kind: "tool.start", sessionId: "last" });
  assert.is((await logOf(perch, "earliest", "events")).at(-1)?.type, "event");
});

test(`answers each of ${RUNS} random bodies to the v0 surface, and lives on`, async (start) => {
  const perch = await start();
  const property = fc.asyncProperty(fc.constantFrom("/event", "/switch"), body, async (path, bytes) => {
    const { status, json, text } = await post(perch.url + path, bytes);
    if (status === 400) assert.match(String(at(json, "error")), /^(?:invalid_(?:json|kind|sessionId|slug)|expected_object)$/);
    else assert.ok(status === (path === "/event" ? 204 : 200), `${status} ${text}`);
  });
  await fc.assert(property, { numRuns: RUNS, seed: SEED, endOnFailure: true });
  await publish(perch, { kind: "tool.start", sessionId: "last" });
});

test.run();
