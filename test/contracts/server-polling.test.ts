// runtime: node
// limit: 300 s
/** The v1 surface for clients that poll, and how fast the others are told. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { type Answer, ask } from "../support/http.ts";
import { at } from "../support/json.ts";
import { choosePet, hook, openFloater } from "../support/floater.ts";
import { logOf, publish, stateOf } from "../support/log.ts";
import { openStream, readStart } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 polling");

const WORK = { kind: "tool.start", sessionId: "a", toolUseId: "t", tool: "Bash" };

function getState(server: ServerProcess, headers: Record<string, string> = {}, query = ""): Promise<Answer> {
  return ask(`${server.url}/v1/state${query}`, { headers });
}

test("tells the state with an ETag that changes with it, and 304 while it does not", async (start) => {
  const perch = await start();
  const tags = new Set<string>();
  for (const change of [() => undefined, () => publish(perch, WORK), () => choosePet(perch, "boba")]) {
    await change();
    const fresh = await getState(perch);
    const tag = fresh.headers.get("etag") ?? "";
    assert.equal([fresh.status, fresh.headers.get("content-type")], [200, "application/json; charset=utf-8"]);
    assert.is(tag, `"${at(fresh.json, "epoch")}.${at(fresh.json, "seq")}"`);
    for (const sent of [tag, `W/${tag}`, `"x", ${tag}`, `W/"y",W/${tag} `, "*"]) {
      const { status, text, headers } = await getState(perch, { "if-none-match": sent });
      assert.equal([status, text, headers.get("etag")], [304, "", tag], sent);
    }
    for (const sent of ['"other"', tag.slice(1, -1), `"${tag}"`, `${tag.slice(0, -1)}0"`, ...tags]) {
      assert.is((await getState(perch, { "if-none-match": sent })).status, 200, sent);
    }
    tags.add(tag);
  }
  assert.is(tags.size, 3);
});

test("tells the state in the parts that were asked for", async (start) => {
  const perch = await start();
  await publish(perch, [WORK, { ...WORK, sessionId: "b" }]);
  const keys = async (query: string) => Object.keys(Object((await getState(perch, {}, query)).json));
  assert.equal(await keys(""), ["epoch", "seq", "state", "pet", "sessions"]);
  assert.equal(await keys("?topics=state"), ["epoch", "seq", "state"]);
  assert.equal(await keys("?topics=pet"), ["epoch", "seq", "pet"]);
  assert.is(at((await getState(perch, {}, "?session=b")).json, "sessions", "length"), 1);
});

test("answers HEAD as it answers GET, without a body", async (start) => {
  const perch = await start();
  await publish(perch, WORK);
  for (const path of ["/v1/state", "/v1/events", "/v1/events?since=now", "/v1/events?since=x"]) {
    const [got, head] = await Promise.all([ask(perch.url + path), ask(perch.url + path, { method: "HEAD" })]);
    assert.equal([head.status, head.text], [got.status, ""]);
    const length = head.headers.get("content-length");
    assert.ok(length === null || length === got.headers.get("content-length"), `${path} announces ${length} bytes`);
    for (const name of ["content-type", "etag", "perch-cursor"]) assert.is(head.headers.get(name), got.headers.get(name), path);
  }
});

test("says why the state is what it is, and counts the sessions in it", async (start) => {
  const perch = await start();
  await publish(perch, [WORK, { ...WORK, sessionId: "b" }, { kind: "permission.request", sessionId: "b", source: "hook" }]);
  const state = at(await stateOf(perch), "state");
  const log = await logOf(perch, "earliest", "events");
  assert.equal([at(state, "state"), at(state, "pose")], ["waiting", "review"]);
  const { at: decidedAt, ...because } = Object(at(state, "because"));
  assert.equal(because, {
    seq: log.at(-1)?.seq,
    kind: "permission.request",
    source: "hook",
    rule: "permission.requested",
    sessionId: "b",
  });
  assert.is(decidedAt, at(log.at(-1)?.data, "receivedAt"));
  assert.equal([at(state, "counts", "waiting"), at(state, "counts", "working"), at(state, "counts", "idle")], [1, 1, 0]);
});

const ROUNDS = 50;

test("tells every reader of a hook event within a second, and most of them at once", async (start, runtime) => {
  const perch = await start();
  const [sse, ws, floater] = await Promise.all([openStream(perch, "sse"), openStream(perch, "ws"), openFloater(perch)]);
  for (const reader of [sse, ws]) await readStart(reader);
  const delays: Record<"sse" | "ws" | "v0", number[]> = { sse: [], ws: [], v0: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const kind = round % 2 === 0 ? "PermissionRequested" : "PermissionResolved";
    const begun = performance.now();
    await hook(perch, kind, "s");
    const isState = ({ type }: { type: unknown }) => type === "state";
    delays.sse.push((await sse.messages.next("state", isState)).at - begun);
    delays.ws.push((await ws.messages.next("state", isState)).at - begun);
    delays.v0.push((await floater.pushed.next("state", isState)).at - begun);
  }
  for (const [reader, each] of Object.entries(delays)) {
    const sorted = each.sort((a, b) => a - b);
    console.log(
      `  ${runtime}: from POST to ${reader}: median ${sorted[ROUNDS / 2]?.toFixed(1)} ms, worst ${
        sorted.at(-1)?.toFixed(1)
      } ms`,
    );
    assert.ok((sorted.at(-1) ?? Infinity) < 1_000, `${reader} took ${sorted.at(-1)} ms`);
  }
});

test.run();
