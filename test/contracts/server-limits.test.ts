// runtime: node
// limit: 300 s
/** How many sessions and readers a broker takes: as many as it was told, and one more is told why not. @module */

import * as assert from "uvu/assert";
import { ask } from "../support/http.ts";
import { PATIENCE_MS, within } from "../support/inbox.ts";
import { at, listAt } from "../support/json.ts";
import { openSse } from "../support/sse-reader.ts";
import { openSocket, openWs } from "../support/ws-reader.ts";
import { hook, openFloater, statusOf } from "../support/floater.ts";
import { headOf, ingest, problemOf, publish, stateOf } from "../support/log.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("limits");

const QUIET = { kind: "session.update" };
const BUSY = { kind: "tool.start" };

test("forgets the session that was quiet for longest when there is one too many, and tells", async (start) => {
  const perch = await start("--max-sessions", "3");
  await publish(perch, [{ ...QUIET, sessionId: "a" }, { ...BUSY, sessionId: "b" }, { ...QUIET, sessionId: "c" }]);
  const readers = await Promise.all(TRANSPORTS.map((transport) => openStream(perch, transport)));
  for (const reader of readers) await readStart(reader);
  await publish(perch, { ...QUIET, sessionId: "a", activity: "still here" });
  await publish(perch, { ...BUSY, sessionId: "d" });
  for (const reader of readers) {
    const { data } = await reader.messages.next("session.gone", ({ type }) => type === "session.gone");
    assert.equal(data, { id: "a", reason: "evicted" });
  }
  assert.equal(listAt(await stateOf(perch), "sessions").map((session) => at(session, "id")), ["b", "c", "d"]);
  await hook(perch, "PreToolUse", "e");
  assert.equal(listAt(await statusOf(perch), "sessions").map((session) => at(session, "sessionId")), ["b", "d", "e"]);
});

test("takes no session more while all are at work, and says when to try again", async (start) => {
  const perch = await start("--max-sessions", "2");
  await publish(perch, [{ ...BUSY, sessionId: "a" }, { ...BUSY, sessionId: "b" }]);
  const head = await headOf(perch);
  for (const batch of [{ ...BUSY, sessionId: "c" }, [{ ...QUIET, sessionId: "a" }, { ...QUIET, sessionId: "c" }]]) {
    const answer = await ingest(perch, batch);
    assert.is(problemOf(answer), "503 too_many_sessions");
    assert.ok(Number(answer.headers.get("retry-after")) > 0);
  }
  const floater = await ask(`${perch.url}/event`, { method: "POST", body: '{"kind":"PreToolUse","sessionId":"c"}' });
  assert.equal([floater.status, floater.json], [503, { error: "too_many_sessions" }]);
  assert.is(await headOf(perch), head, "nothing was taken");
  await publish(perch, { ...BUSY, sessionId: "a" });
});

test("takes as many readers as it was told, and tells one more to come back, over every transport", async (start) => {
  const perch = await start("--max-readers", "3");
  const [sse, ws] = await Promise.all(TRANSPORTS.map((transport) => openStream(perch, transport)));
  assert.ok(sse && ws);
  for (const reader of [sse, ws]) await readStart(reader);
  const floater = await openFloater(perch);
  const late = await openSse(`${perch.url}/events`);
  assert.is(late.status, 200, "an EventSource gives up at anything else");
  const socket = await openWs(`${perch.url}/v1/ws`);
  for (const reader of [late, socket]) {
    const { data } = await reader.messages.next("bye", ({ type }) => type === "bye");
    assert.is(at(data, "reason"), "overload");
    assert.ok(Number(at(data, "reconnectInMs")) >= 500);
    assert.is((await reader.ended).code, reader === late ? undefined : 1013);
    assert.is(reader.messages.items.length, 1);
  }
  assert.is((await (await openSocket(`${perch.url}/ws`, () => {})).ended).code, 1013);
  floater.close();
  const again = async (): Promise<string> => {
    const reader = await openSse(`${perch.url}/events`);
    const { type } = await reader.messages.next("first message");
    return type === "hello" ? type : again();
  };
  assert.is(await within(PATIENCE_MS, "room for a reader", again()), "hello");
});

test.run();
