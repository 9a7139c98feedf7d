// runtime: node
// limit: 300 s
/** The v1 stream: how it starts, what it tells, and to whom. @module */

import * as assert from "uvu/assert";
import { TOPICS } from "../../src/protocol/types.ts";
import { ask } from "../support/http.ts";
import { at, listAt } from "../support/json.ts";
import { openSse } from "../support/sse-reader.ts";
import { readUpTo } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";
import { choosePet } from "../support/floater.ts";
import { ALL_TOPICS, logOf, problemOf, publish, stateOf } from "../support/log.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 stream");

const WORK = { kind: "tool.start", sessionId: "a", toolUseId: "t", tool: "Bash", agent: "claude-code", title: "A title" };

test("starts with hello, reset, a snapshot of all that is true, and live", async (start) => {
  const perch = await start();
  await publish(perch, [WORK, { ...WORK, sessionId: "b" }]);
  await choosePet(perch, "boba");
  for (const transport of TRANSPORTS) {
    const reader = await openStream(perch, transport);
    const { mode, reason, snapshot } = await readStart(reader);
    assert.equal([mode, reason], ["snapshot", "none"]);
    assert.equal(snapshot, await stateOf(perch));
    assert.is(at(snapshot, "pet", "slug"), "boba");
    assert.equal(listAt(snapshot, "sessions").map((session) => at(session, "id")), ["a", "b"]);
    const hello = reader.messages.items[0]?.data;
    assert.is(at(hello, "heartbeatMs"), transport === "sse" ? 15_000 : 25_000);
    assert.match(String(at(hello, "version")), /^\d+\.\d+\.\d+/);
  }
});

test("starts on an empty log as on any other", async (start) => {
  const perch = await start();
  for (const transport of TRANSPORTS) {
    const { head, snapshot } = await readStart(await openStream(perch, transport));
    assert.is(head, 0);
    assert.equal([at(snapshot, "state", "state"), at(snapshot, "pet", "slug"), at(snapshot, "sessions")], ["idle", null, []]);
  }
});

test("opens an event stream with its headers, its first bytes and the time after which to come back", async (start) => {
  const perch = await start();
  for (const path of ["/events", "/v1/stream"]) {
    const streams = await Promise.all(Array.from({ length: 20 }, () => openSse(perch.url + path)));
    for (const { status, headers } of streams) {
      assert.is(status, 200);
      assert.match(headers["content-type"] ?? "", /^text\/event-stream\b/);
      assert.is(headers["cache-control"], "no-store, no-transform");
      assert.is(headers["x-accel-buffering"], "no");
      assert.is(headers["content-encoding"], undefined);
    }
    for (const stream of streams) await readStart(stream);
    for (const { raw } of streams) assert.match(raw, /^:[^\n]*\n\nretry: [0-9]{4}\n\n/);
    const retries = streams.map(({ retry = 0 }) => retry);
    assert.ok(retries.every((ms) => ms >= 1_000 && ms <= 3_000), String(retries));
    assert.ok(new Set(retries).size > 1, "all come back at the same time");
  }
});

test("answers HEAD without a stream", async (start) => {
  const perch = await start();
  for (const path of ["/events", "/v1/stream"]) {
    const { status, headers, text } = await ask(perch.url + path, { method: "HEAD" });
    assert.is(`${status} ${text}`, "200 ");
    assert.match(headers.get("content-type") ?? "", /^text\/event-stream\b/);
  }
});

test("tells every message of the log once, in order, each with its id", async (start) => {
  const perch = await start();
  const readers = await Promise.all(TRANSPORTS.map((transport) => openStream(perch, transport, { topics: ALL_TOPICS })));
  for (const reader of readers) await readStart(reader);
  for (const kind of ["tool.start", "tool.end", "turn.complete", "permission.request", "permission.resolve", "session.end"]) {
    await publish(perch, [{ ...WORK, kind }, { ...WORK, kind, sessionId: "b", toolUseId: "u" }]);
    await choosePet(perch, `after ${kind}`);
  }
  const log = await logOf(perch);
  for (const reader of readers) {
    await readUpTo(reader, log.at(-1)?.id);
    const told = reader.messages.items.slice(4, 4 + log.length);
    assert.equal(
      told.map(({ type, id, text }) => `{"type":"${type}","id":"${id}","data":${text}}`),
      log.map(({ json }) => json),
    );
  }
  assert.equal([...new Set(log.map(({ type }) => type))].sort(), ["event", "pet", "session", "state"]);
});

test("tells when a session is gone, and that it is not in the state any more", async (start) => {
  const perch = await start();
  const reader = await openStream(perch, "sse");
  await readStart(reader);
  await publish(perch, { kind: "session.end", sessionId: "a" });
  const gone = await reader.messages.next("session.gone", ({ type }) => type === "session.gone");
  assert.equal(gone.data, { id: "a", reason: "ended" });
  assert.equal(at(await stateOf(perch), "sessions"), []);
});

test("tells only the topics that were asked for", async (start) => {
  const perch = await start();
  const asked = ["state", "pet", "sessions", "events", "state,pet", "pet, events", "sessions,sessions", ALL_TOPICS];
  const readers = await Promise.all(
    asked.flatMap((topics) =>
      TRANSPORTS.map(async (transport) => ({ topics, reader: await openStream(perch, transport, { topics }) }))
    ),
  );
  const starts = await Promise.all(readers.map(({ reader }) => readStart(reader)));
  await publish(perch, WORK);
  await choosePet(perch, "boba");
  const log = await logOf(perch);
  const topicOf = (type: string) => type === "state" || type === "pet" ? type : `${type}s`;
  for (const [index, { topics, reader }] of readers.entries()) {
    const names = topics.split(",").map((name) => name.trim());
    const wanted = log.filter(({ type }) => names.includes(topicOf(type)));
    await readUpTo(reader, wanted.at(-1)?.id);
    assert.equal(reader.messages.items.slice(4).map(({ id }) => id), wanted.map(({ id }) => id), topics);
    const parts = Object.keys(Object(starts[index]?.snapshot)).slice(2);
    assert.equal(parts, ["state", "pet", "sessions"].filter((part) => names.includes(part)));
  }
});

test("tells of one session only, and of the aggregate and the pet all the same", async (start) => {
  const perch = await start();
  await publish(perch, ["a", "b"].map((sessionId) => ({ ...WORK, sessionId })));
  for (const transport of TRANSPORTS) {
    const reader = await openStream(perch, transport, { session: "b", topics: ALL_TOPICS });
    const { snapshot, head } = await readStart(reader);
    assert.equal(listAt(snapshot, "sessions").map((session) => at(session, "id")), ["b"]);
    await publish(perch, ["a", "b", "c"].map((sessionId) => ({ ...WORK, sessionId, kind: "permission.request" })));
    await choosePet(perch, transport);
    const log = (await logOf(perch)).filter(({ seq }) => seq > head);
    const wanted = log.filter(({ type, data }) =>
      type === "pet" || type === "state" || [at(data, "sessionId"), at(data, "id")].includes("b")
    );
    await readUpTo(reader, wanted.at(-1)?.id);
    assert.equal(reader.messages.items.slice(4).map(({ id }) => id), wanted.map(({ id }) => id));
    assert.ok(wanted.length < log.length);
    await publish(perch, ["a", "b", "c"].map((sessionId) => ({ ...WORK, sessionId, kind: "permission.resolve" })));
  }
});

test("refuses topics and sessions that can't be, and topics that need a scope", async (start) => {
  const perch = await start();
  assert.is(TOPICS.length, 5);
  const refused = [
    ["topics=weather", "400 invalid_topics"],
    ["topics=", "400 invalid_topics"],
    ["topics=state,,pet", "400 invalid_topics"],
    ["topics=State", "400 invalid_topics"],
    ["topics=messages", "401 unauthorized"],
    ["topics=state,events", "401 unauthorized"],
    ["session=", "400 invalid_session"],
    ["session=a%20b", "400 invalid_session"],
    [`session=${"x".repeat(129)}`, "400 invalid_session"],
  ] as const;
  for (const [query, problem] of refused) {
    for (const path of ["/events", "/v1/stream", "/v1/state", "/v1/events"]) {
      assert.is(problemOf(await ask(`${perch.url}${path}?${query}`)), problem, `${path}?${query}`);
    }
    const socket = openWs(`${perch.url}/v1/ws?${query}`);
    assert.match(
      await socket.then(() => "open", ({ message }: Error) => message),
      new RegExp(`response: ${problem.slice(0, 3)}$`),
    );
  }
});

test.run();
