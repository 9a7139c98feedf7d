// runtime: node
// limit: 300 s
/** The end of a token is the end of all that it has opened, within 5 s and without a restart. */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { createToken, revokeToken, showing } from "../support/broker-tokens.ts";
import { openFloater } from "../support/floater.ts";
import { ask } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { publish } from "../support/log.ts";
import { openSse } from "../support/sse-reader.ts";
import { openWs } from "../support/ws-reader.ts";
import { serverContract } from "./server.ts";

const test = serverContract("revocation");

/** What PROTOCOL.md promises. */
const CUT_MS = 5_000;

/** All kinds of streams, opened with one token, and their ends. */
async function openAll(perch: ServerProcess, token: string) {
  const headers = showing(token);
  const { json } = await ask(`${perch.url}/v1/tickets`, { method: "POST", headers });
  const [sse, ws, ticketed, floater] = await Promise.all([
    openSse(`${perch.url}/events`, headers),
    openWs(`${perch.url}/v1/ws`, { headers }),
    openWs(`${perch.url}/v1/ws?ticket=${at(json, "ticket")}`),
    openFloater(perch, "/ws", headers),
  ]);
  for (const reader of [sse, ws, ticketed]) await reader.messages.next("live", ({ type }) => type === "live");
  return { sse, sockets: [ws, ticketed, floater] };
}

/** Streams that were opened with something else, and must live on. */
async function openOthers(perch: ServerProcess) {
  const readers = await Promise.all([
    openSse(`${perch.url}/events`),
    openSse(`${perch.url}/events`, showing(perch.token)),
    openWs(`${perch.url}/v1/ws`, { headers: showing(perch.token) }),
  ]);
  for (const { messages } of readers) await messages.next("live", ({ type }) => type === "live");
  return readers;
}

const statusWith = async (perch: ServerProcess, path: string, token: string) => {
  const { status, json, text } = await ask(perch.url + path, { headers: showing(token) });
  return [status, at(json, "code") ?? text];
};

test("cuts all streams of a revoked token within 5 s, and tells them to stay away", async (start) => {
  const perch = await start();
  const token = await createToken(perch, ["read", "sessions"]);
  const [{ sse, sockets }, others] = [await openAll(perch, token), await openOthers(perch)];
  await revokeToken(perch, token);
  const ends = Promise.all([sse.ended, ...sockets.map(({ ended }) => ended)]);
  const [end, ...closes] = await within(CUT_MS, "end of all streams of the token", ends);
  assert.is(end?.reason, "ended");
  assert.equal(closes.map(({ code }) => code), [4501, 4501, 4501]);
  for (const path of ["/events", "/v1/stream?since=now"]) assert.equal(await statusWith(perch, path, token), [204, ""], path);
  assert.equal(await statusWith(perch, "/v1/state", token), [401, "token_revoked"]);
  const again = openWs(`${perch.url}/v1/ws`, { headers: showing(token) });
  assert.match(await again.then(() => "open", ({ message }: Error) => message), /401$/);
  await publish(perch, { kind: "tool.start", sessionId: "s" });
  for (const { messages } of others) await messages.next("session", ({ type }) => type === "session");
});

test("tells them nothing of what happens after that", async (start) => {
  const perch = await start();
  const token = await createToken(perch, ["read", "sessions"]);
  const { sse, sockets: [ws] } = await openAll(perch, token);
  await revokeToken(perch, token);
  await within(CUT_MS, "end of both", Promise.all([sse.ended, ws?.ended]));
  const before = sse.messages.items.length;
  await publish(perch, { kind: "tool.start", sessionId: "s", title: "secret" });
  assert.is(sse.messages.items.length, before);
});

test("cuts all streams of a token that expires within 5 s, and tells them to come back with another", async (start) => {
  const perch = await start();
  const token = await createToken(perch, ["read"], "8s");
  const expiresAt = Date.now() + 8_000;
  const { sse, sockets } = await openAll(perch, token);
  const ends = Promise.all([sse.ended, ...sockets.map(({ ended }) => ended)]);
  const [, ...closes] = await within(expiresAt - Date.now() + CUT_MS, "end of all streams of the token", ends);
  assert.ok(Date.now() >= expiresAt - 1_500, "it was cut before its time");
  assert.equal(closes.map(({ code }) => code), [4401, 4401, 4401]);
  assert.equal(await statusWith(perch, "/events", token), [401, "token_expired"]);
});

test("cuts a reader that takes nothing, too", async (start) => {
  const perch = await start();
  const token = await createToken(perch, ["read"]);
  const reader = await openSse(`${perch.url}/events`, showing(token));
  await reader.messages.next("live", ({ type }) => type === "live");
  reader.pause();
  await publish(perch, { kind: "tool.start", sessionId: "s" });
  await revokeToken(perch, token);
  reader.resume();
  await within(CUT_MS, "end of the stream", reader.ended);
});

test.run();
