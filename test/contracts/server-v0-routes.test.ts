// runtime: node
// limit: 300 s
/** The v0 surface over HTTP: answer for answer what the mavis pet broker 0.7.4 answers, and where it differs on purpose. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { startPeer } from "../support/peer-process.ts";
import { chunked, type RawAnswer, type RawHeaders, type RawRequest, rawRequest } from "../support/raw-http.ts";
import { maskTimes } from "../support/floater.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v0 routes");

const EVENT = '{"kind":"PreToolUse","sessionId":"s","tool":"Bash"}';
const BODY_LIMIT = 64 * 1024;

type Sent = readonly [method: string, target: string, body?: string | Uint8Array, more?: RawHeaders];

/** Sends a request with an honest Host and Content-Length. */
function send({ port }: ServerProcess, ...[method, target, body, more = []]: Sent): Promise<RawAnswer> {
  const length: RawHeaders = body === undefined ? [] : [["Content-Length", String(Buffer.byteLength(body))]];
  const request: RawRequest = { method, target, headers: [["Host", `127.0.0.1:${port}`], ...length, ...more] };
  return rawRequest(port, body === undefined ? request : { ...request, body });
}

/** What of an answer a client can rely on. */
const shown = ({ status, headers, text }: RawAnswer) => `${status} ${headers.get("content-type")} ${maskTimes(text)}`;

/** Requests that both brokers must answer alike, in this order. */
const ALIKE: readonly Sent[] = [
  ["GET", "/healthz"],
  ["GET", "/status"],
  ["POST", "/event", EVENT],
  ["POST", "/event", EVENT, [["Content-Type", "application/json"]]],
  ["POST", "/event", EVENT, [["Content-Type", "text/plain"]]],
  ["POST", "/event", '{"kind":"PostToolUse","sessionId":"s","exitCode":0,"ts":12345}'],
  ["POST", "/event", '{"kind":"MessageComplete","sessionId":"t","tool":5,"exitCode":"1","ts":"now","more":{"a":[1]}}'],
  ["POST", "/event", '{"kind":"UserPromptSubmit","sessionId":"t","tool":null,"exitCode":null,"ts":null}'],
  ["POST", "/event", '{"kind":"SessionStart","sessionId":"u v\\n\\u0000"}'],
  ["POST", "/event", '{"kind":"PermissionRequested","sessionId":"\u{1F43E}"}'],
  ["POST", "/event", '{"kind":"PermissionResolved","sessionId":"\u{1F43E}"}'],
  ["POST", "/event", '{"kind":"SessionEnd","sessionId":"u v\\n\\u0000"}'],
  ["POST", "/event", `{"kind":"PreToolUse","sessionId":"${"x".repeat(1024)}"}`],
  ["POST", "/event", Buffer.from('{"kind":"PreToolUse","sessionId":"\xff\xfe"}', "latin1")],
  ["POST", "/event", " ".repeat(BODY_LIMIT - EVENT.length) + EVENT],
  ["POST", "/event", ""],
  ["POST", "/event"],
  ["POST", "/event", "   "],
  ["POST", "/event", "{"],
  ["POST", "/event", `${EVENT},`],
  ["POST", "/event", "null"],
  ["POST", "/event", "5"],
  ["POST", "/event", '"text"'],
  ["POST", "/event", "[]"],
  ["POST", "/event", `[${EVENT}]`],
  ["POST", "/event", "{}"],
  ["POST", "/event", '{"kind":"tool.start","sessionId":"s"}'],
  ["POST", "/event", '{"kind":"preToolUse","sessionId":"s"}'],
  ["POST", "/event", '{"kind":"toString","sessionId":"s"}'],
  ["POST", "/event", '{"kind":["PreToolUse"],"sessionId":"s"}'],
  ["POST", "/event", '{"kind":7,"sessionId":7}'],
  ["POST", "/event", '{"kind":"PreToolUse"}'],
  ["POST", "/event", '{"kind":"PreToolUse","sessionId":""}'],
  ["POST", "/event", '{"kind":"PreToolUse","sessionId":7}'],
  ["POST", "/switch", '{"slug":"boba"}'],
  ["POST", "/switch", '{"slug":"boba"}', [["Content-Type", "application/x-www-form-urlencoded"]]],
  ["POST", "/switch", '{"slug":"../../x \u{1F43E}","more":1}'],
  ["POST", "/switch", ""],
  ["POST", "/switch", "{"],
  ["POST", "/switch", "5"],
  ["POST", "/switch", "[]"],
  ["POST", "/switch", "{}"],
  ["POST", "/switch", '{"slug":""}'],
  ["POST", "/switch", '{"slug":5}'],
  ["POST", "/dismiss"],
  ["POST", "/dismiss", "anything"],
  ["GET", "/"],
  ["GET", "/ws"],
  ["GET", "/event"],
  ["GET", "/switch"],
  ["GET", "/nothing?a=1"],
  ["PUT", "/event", EVENT],
  ["POST", "/status"],
  ["POST", "/healthz"],
  ["DELETE", "/status"],
  ["OPTIONS", "/event"],
];

test("answers every v0 request in the words of the mavis pet broker", async (start) => {
  const [perch, peer] = await Promise.all([start(), startPeer()]);
  try {
    for (const request of ALIKE) {
      const [ours, theirs] = await Promise.all([send(perch, ...request), send(peer, ...request)]);
      assert.is(shown(ours), shown(theirs), request.slice(0, 3).join(" ").slice(0, 120));
    }
  } finally {
    peer.signal("SIGKILL");
  }
});

test("shows all sessions and the ten newest events, newest first", async (start) => {
  const [perch, peer] = await Promise.all([start(), startPeer()]);
  try {
    for (let i = 0; i < 60; i += 1) {
      const body = `{"kind":"PreToolUse","sessionId":"s${i % 3}","tool":"tool ${i}","ts":${i}}`;
      await Promise.all([send(perch, "POST", "/event", body), send(peer, "POST", "/event", body)]);
    }
    const token = ["Authorization", `Bearer ${perch.token}`] as const;
    const [ours, bare, theirs] = await Promise.all([
      send(perch, "GET", "/status", undefined, [token]),
      send(perch, "GET", "/status"),
      send(peer, "GET", "/status"),
    ]);
    assert.match(ours.text, '"recentEvents":[{"kind":"PreToolUse","sessionId":"s2","tool":"tool 59","ts":59}');
    const withoutTimes = (answer: RawAnswer) => shown(answer).replaceAll(/"lastEventTs":[^,]+/g, "");
    assert.is(withoutTimes(ours), withoutTimes(theirs));
    assert.is(withoutTimes(bare), withoutTimes(theirs).replaceAll(/"tool":"[^"]*",/g, ""));
  } finally {
    peer.signal("SIGKILL");
  }
});

const TOO_MUCH = Buffer.alloc(BODY_LIMIT + 1, " ");
const TOO_LARGE = '413 application/json; charset=utf-8 {"error":"body_too_large"}';

/** Where the peer is plainly broken and Perch is not; PROTOCOL.md lists these. */
const DIFFERENT: readonly (readonly [what: string, ours: string, theirs: string, request: Sent])[] = [
  ["a body over its limit", TOO_LARGE, "0 null ", ["POST", "/event", TOO_MUCH]],
  ["a switch over its limit", TOO_LARGE, "0 null ", ["POST", "/switch", TOO_MUCH]],
  ["a byte order mark", "204 null ", "400", ["POST", "/event", `\u{FEFF}${EVENT}`]],
  ["a query on POST /event", "204 null ", "404", ["POST", "/event?x=1", EVENT]],
  ["a query on POST /switch", "200", "404", ["POST", "/switch?x=1", '{"slug":"boba"}']],
  ["a query on POST /dismiss", "204 null ", "404", ["POST", "/dismiss?x=1"]],
  ["a query on GET /status", "200", "404", ["GET", "/status?x=1"]],
  ["a query on GET /healthz", "200 text/plain ok", "404", ["GET", "/healthz?x=1"]],
  ["HEAD /healthz", "200 text/plain ", "404", ["HEAD", "/healthz"]],
  ["HEAD /status", "200 application/json; charset=utf-8 ", "404", ["HEAD", "/status"]],
];

test("differs from the mavis pet broker only where that is broken", async (start) => {
  const [perch, peer] = await Promise.all([start(), startPeer()]);
  try {
    for (const [what, ours, theirs, request] of DIFFERENT) {
      assert.ok(shown(await send(peer, ...request)).startsWith(theirs), `the peer on ${what}`);
      const answer = shown(await send(perch, ...request));
      assert.ok(answer.startsWith(ours), `${what} was answered with ${answer}`);
    }
  } finally {
    peer.signal("SIGKILL");
  }
});

test("refuses a body over 64 KiB that never told its length", async (start) => {
  const perch = await start();
  const more: RawHeaders = [["Host", `127.0.0.1:${perch.port}`], ["Transfer-Encoding", "chunked"]];
  for (const target of ["/event", "/switch"]) {
    const request = { method: "POST", target, headers: more };
    assert.is(shown(await rawRequest(perch.port, { ...request, body: chunked(TOO_MUCH, 1000) })), TOO_LARGE);
  }
  const padded = Buffer.concat([TOO_MUCH.subarray(EVENT.length + 1), Buffer.from(EVENT)]);
  assert.is(padded.length, BODY_LIMIT);
  const fits = { method: "POST", target: "/event", headers: more, body: chunked(padded, 1000) };
  assert.is((await rawRequest(perch.port, fits)).status, 204);
});

test.run();
