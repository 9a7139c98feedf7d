// runtime: node
// limit: 300 s
/** `POST /v1/events`: what is taken, and that all of it is taken or nothing. @module */

import * as assert from "uvu/assert";
import { EVENT_KINDS } from "../../src/core/events.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import type { Answer } from "../support/http.ts";
import { at, listAt } from "../support/json.ts";
import { seqOf } from "../support/stream-reader.ts";
import { ingest, logOf, problemOf, stateOf } from "../support/log.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 ingest");

const EVENT = { kind: "tool.start", sessionId: "s", toolUseId: "t1", tool: "Bash" };
const NDJSON = "application/x-ndjson";

/** Checks that `count` events were taken, and returns their places in the log. */
function taken({ status, headers, json, text }: Answer, count: number): number[] {
  assert.is(`${status} ${headers.get("content-type")}`, "200 application/json; charset=utf-8", text);
  const seqs = listAt(json, "seqs").map(Number);
  assert.is(at(json, "accepted"), count);
  assert.is(seqs.length, count);
  assert.ok(seqs.every((seq, index) => seq > (seqs[index - 1] ?? 0)), text);
  assert.match(String(at(json, "cursor")), /^[A-Za-z0-9]{8,10}\.[1-9][0-9]*$/);
  assert.ok(seqOf(String(at(json, "cursor"))) >= (seqs.at(-1) ?? 0));
  return seqs;
}

test("takes one event, an array, and lines of NDJSON", async (start) => {
  const perch = await start();
  const sent = Array.from({ length: 7 }, (_, index) => ({ ...EVENT, title: `title ${index}` }));
  const [first, second, third, ...lines] = sent;
  const ndjson = `${lines.map((line) => JSON.stringify(line)).join("\r\n\n")}\n`;
  const seqs = [
    ...taken(await ingest(perch, first), 1),
    ...taken(await ingest(perch, [second, third]), 2),
    ...taken(await ingest(perch, ndjson, NDJSON), 4),
  ];
  const events = await logOf(perch, "earliest", "events");
  assert.equal(events.map(({ seq }) => seq), seqs);
  assert.equal(events.map(({ data }) => at(data, "title")), sent.map(({ title }) => title));
});

test("keeps every field as it was sent, and adds its place and its time", async (start) => {
  const perch = await start();
  const full = {
    kind: "tool.end",
    sessionId: "!~",
    agent: "claude-code",
    id: "key-1",
    occurredAt: -1.5,
    source: "hook",
    toolUseId: "t",
    tool: "Bäsh \u{1F43E}",
    ok: false,
    exitCode: 3,
    pid: 4321,
    cwd: "/home/x y",
    title: 'a "title" \\ \u2028',
    activity: "line\nline",
    reason: "\u0000",
  };
  const before = Date.now();
  await ingest(perch, { ...full, seq: 999, receivedAt: 1, plain: true, unknown: { a: [1] } });
  const [event] = await logOf(perch, "earliest", "events");
  const receivedAt = Number(at(event?.data, "receivedAt"));
  assert.equal(event?.data, { ...full, seq: 1, receivedAt });
  assert.ok(receivedAt >= before - 1 && receivedAt <= Date.now());
});

test("takes every kind, in any spelling of the content type", async (start) => {
  const perch = await start();
  for (const type of ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON;x=y", " application/json "]) {
    taken(await ingest(perch, EVENT_KINDS.map((kind) => ({ kind, sessionId: "s" })), type), EVENT_KINDS.length);
  }
});

test("numbers all that it logs without a hole", async (start) => {
  const perch = await start();
  for (const kind of EVENT_KINDS) await ingest(perch, [{ kind, sessionId: "a" }, { kind, sessionId: "b" }]);
  const log = await logOf(perch);
  assert.equal(log.map(({ seq }) => seq), log.map((_, index) => index + 1));
  assert.ok(log.length > 2 * EVENT_KINDS.length);
});

/** One event of a batch that can't be taken, and the problem that this is. */
const BAD: readonly (readonly [event: unknown, problem: string])[] = [
  [{ kind: "tool.begin", sessionId: "s" }, "400 invalid_kind"],
  [{ kind: "tool.start" }, "400 invalid_sessionId"],
  [{ ...EVENT, pid: 0 }, "400 invalid_pid"],
  [null, "400 expected_object"],
  [[EVENT], "400 expected_object"],
];

test("takes nothing of a batch in which one event is bad", async (start) => {
  const perch = await start();
  taken(await ingest(perch, EVENT), 1);
  const before = await logOf(perch);
  for (const [bad, problem] of BAD) {
    for (const place of [0, 1, 50, 99]) {
      const batch: unknown[] = Array.from({ length: 100 }, (_, index) => ({ ...EVENT, sessionId: `batch-${index}` }));
      batch[place] = bad;
      for (const [body, where, type] of inBothForms(batch, place)) {
        const answer = await ingest(perch, body, type);
        assert.is(problemOf(answer), problem);
        assert.match(String(at(answer.json, "detail")), new RegExp(`The (?:field "[a-zA-Z]+" of the )?${where} is `));
      }
    }
  }
  const broken = await ingest(perch, `${linesOf([EVENT, EVENT])}\n{"kind":`, NDJSON);
  assert.is(problemOf(broken), "400 invalid_json");
  assert.is(at(broken.json, "detail"), "The line 3 is not valid JSON");
  assert.equal(await logOf(perch), before);
  assert.equal(await sessionIds(perch), ["s"]);
});

/** A batch as an array and as lines, which start with an empty one, and what its event at `place` is called in each. */
const inBothForms = (batch: readonly unknown[], place: number) =>
  [[JSON.stringify(batch), `event ${place}`, undefined], [`\n${linesOf(batch)}`, `line ${place + 2}`, NDJSON]] as const;

const linesOf = (events: readonly unknown[]): string => events.map((event) => JSON.stringify(event)).join("\n");

async function sessionIds(server: ServerProcess): Promise<unknown[]> {
  return listAt(await stateOf(server), "sessions").map((session) => at(session, "id"));
}

test("takes events of many clients at once, each batch in one piece", async (start) => {
  const perch = await start();
  const batches = Array.from(
    { length: 40 },
    (_, batch) =>
      Array.from({ length: 20 }, (_, index) => ({ kind: "session.update", sessionId: `s${batch}`, activity: `${index}` })),
  );
  const answers = await Promise.all(batches.map((batch) => ingest(perch, batch)));
  const ranges = answers.map((answer) => taken(answer, 20)).sort(([a = 0], [b = 0]) => a - b);
  for (const [index, range] of ranges.entries()) {
    const next = ranges[index + 1]?.[0] ?? Infinity;
    assert.ok((range.at(-1) ?? 0) < next, `batch ${index} is mixed with the next`);
  }
  const events = await logOf(perch, "earliest", "events");
  assert.is(events.length, 800);
});

test.run();
