// runtime: node
// limit: 300 s
/** Every limit of `POST /v1/events`: what just fits is taken, one more is not, and then nothing is. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { chunked, type RawHeaders, rawRequest } from "../support/raw-http.ts";
import { headOf, ingest, problemOf } from "../support/log.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 ingest limits");

const KIB = 1024;
const NDJSON = "application/x-ndjson";
const EVENT = { kind: "session.update", sessionId: "s" };

/** An event of exactly `bytes` bytes as JSON. */
function eventOf(bytes: number, filling = "x"): string {
  const frame = Buffer.byteLength(JSON.stringify({ ...EVENT, ignored: "" }));
  const fill = filling.repeat((bytes - frame) / Buffer.byteLength(filling)).padEnd(1);
  return JSON.stringify({ ...EVENT, ignored: fill + "x".repeat(bytes - frame - Buffer.byteLength(fill)) });
}

/** A batch of exactly `bytes` bytes, its events small. */
function batchOf(bytes: number): string {
  const events = JSON.stringify(Array.from({ length: 5 }, () => EVENT));
  return events.slice(0, -1) + " ".repeat(bytes - events.length) + "]";
}

/** Bodies at a limit and over it, each with how it is refused. */
const CASES: readonly (readonly [what: string, fits: string, tooMuch: string, problem: string, type?: string])[] = [
  ["body", batchOf(256 * KIB), batchOf(256 * KIB + 1), "413 body_too_large"],
  ["body of lines", `${eventOf(KIB)}\n${" ".repeat(255 * KIB - 1)}`, " ".repeat(256 * KIB + 1), "413 body_too_large", NDJSON],
  ["event", eventOf(64 * KIB), eventOf(64 * KIB + 1), "413 event_too_large"],
  ["event of long characters", eventOf(64 * KIB, "\u{1F43E}"), eventOf(64 * KIB + 1, "\u{1F43E}"), "413 event_too_large"],
  ["event of a batch", `[${eventOf(64 * KIB)},${JSON.stringify(EVENT)}]`, `[${eventOf(64 * KIB + 1)}]`, "413 event_too_large"],
  ["event of a line", `${eventOf(64 * KIB)}\n`, `${eventOf(64 * KIB + 1)}\n`, "413 event_too_large", NDJSON],
  ["batch", JSON.stringify(Array(100).fill(EVENT)), JSON.stringify(Array(101).fill(EVENT)), "400 batch_too_large"],
  ["batch of lines", lines(100), lines(101), "400 batch_too_large", NDJSON],
  ["depth", nested(64), nested(65), "400 too_deep"],
];

function lines(count: number): string {
  return `${JSON.stringify(EVENT)}\n`.repeat(count);
}

/** An event that nests `levels` deep, itself included. */
function nested(levels: number): string {
  return `{"kind":"session.update","sessionId":"s","ignored":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
}

test("takes what just fits, and nothing of what is one more", async (start) => {
  const perch = await start();
  for (const [what, fits, tooMuch, problem, type] of CASES) {
    const { status, text } = await ingest(perch, fits, type);
    assert.is(status, 200, `${what}: ${text}`);
    const before = await headOf(perch);
    assert.is(problemOf(await ingest(perch, tooMuch, type)), problem, what);
    assert.is(await headOf(perch), before, what);
  }
});

test("counts a body that never told its length", async (start) => {
  const perch = await start();
  const send = (body: string, size: number) => sendChunked(perch, Buffer.from(body), size);
  for (const size of [100, 16 * KIB, 1024 * KIB]) {
    assert.is((await send(batchOf(256 * KIB), size)).status, 200, `chunks of ${size}`);
    assert.is(problemOf(await send(batchOf(256 * KIB + 1), size)), "413 body_too_large", `chunks of ${size}`);
  }
  assert.is(problemOf(await send(eventOf(64 * KIB + 1), 1000)), "413 event_too_large");
});

function sendChunked({ port }: ServerProcess, body: Uint8Array, size: number) {
  const headers: RawHeaders = [
    ["Host", `127.0.0.1:${port}`],
    ["Content-Type", "application/json"],
    ["Transfer-Encoding", "chunked"],
  ];
  return rawRequest(port, { method: "POST", target: "/v1/events", headers, body: chunked(body, size) });
}

test("refuses a body by the length that it tells, before any of it has come", async (start) => {
  const perch = await start();
  for (const length of ["262145", "99999999999", "9007199254740993"]) {
    const headers: RawHeaders = [
      ["Host", `127.0.0.1:${perch.port}`],
      ["Content-Type", "application/json"],
      ["Content-Length", length],
    ];
    const answer = await rawRequest(perch.port, { method: "POST", target: "/v1/events", headers, body: "[" });
    assert.is(problemOf(answer), "413 body_too_large", length);
  }
});

/** Fields with the longest value that is taken, and one that is longer by one. */
const FIELDS: readonly (readonly [field: string, limit: number])[] = [
  ["sessionId", 128],
  ["agent", 128],
  ["id", 128],
  ["toolUseId", 128],
  ["tool", 256],
  ["title", 512],
  ["activity", 1024],
  ["reason", 1024],
  ["cwd", 4096],
];

test("takes ids of 128 characters, and texts up to their limits", async (start) => {
  const perch = await start();
  for (const [field, limit] of FIELDS) {
    const { status, text } = await ingest(perch, { ...EVENT, [field]: "~".repeat(limit) });
    assert.is(status, 200, `${field}: ${text}`);
    assert.is(problemOf(await ingest(perch, { ...EVENT, [field]: "~".repeat(limit + 1) })), `400 invalid_${field}`);
  }
});

test("survives bodies that nest without end", async (start) => {
  const perch = await start();
  const deep = (open: string, close: string, levels: number) => `${open.repeat(levels)}0${close.repeat(levels)}`;
  const bodies = [
    deep("[", "]", 120_000),
    deep('{"a":', "}", 40_000),
    deep('[{"a":', "}]", 30_000),
    `{"kind":"session.update","sessionId":"s","ignored":${deep("[", "]", 30_000)}}`,
    `[{"kind":"session.update","sessionId":"s","ignored":${deep("[", "]", 100_000)}}]`,
    "[".repeat(250_000),
    '{"a":'.repeat(50_000),
  ];
  for (const body of bodies) {
    for (const type of ["application/json", NDJSON]) {
      const problem = problemOf(await ingest(perch, body, type));
      assert.match(problem, /^4\d\d /, `${body.slice(0, 60)} as ${type}`);
    }
  }
  assert.is(await headOf(perch), 0);
});

test.run();
