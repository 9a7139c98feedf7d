// runtime: node
// limit: 300 s
/** What `POST /v1/events` and its neighbours refuse, and how they say it. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { type Answer, ask } from "../support/http.ts";
import { at } from "../support/json.ts";
import { rawRequest } from "../support/raw-http.ts";
import { headOf, ingest, problemOf } from "../support/log.ts";
import { serverContract } from "./server.ts";

const test = serverContract("v1 refusals");

const EVENT = { kind: "tool.start", sessionId: "s" };
const NDJSON = "application/x-ndjson";

/** A value, why it is refused, and what the refusal says of it. */
const INVALID: readonly (readonly [event: unknown, code: string, says: RegExp])[] = [
  [5, "expected_object", /5/],
  ["text", "expected_object", /text/],
  [null, "expected_object", /null/],
  [{}, "invalid_kind", /missing/],
  [{ kind: "PreToolUse", sessionId: "s" }, "invalid_kind", /"PreToolUse".*tool\.start/],
  [{ kind: "constructor", sessionId: "s" }, "invalid_kind", /"constructor"/],
  [{ kind: ["tool.start"], sessionId: "s" }, "invalid_kind", /array.*tool\.start/],
  [{ kind: "tool.start" }, "invalid_sessionId", /missing/],
  [{ ...EVENT, sessionId: null }, "invalid_sessionId", /null/],
  [{ ...EVENT, sessionId: "" }, "invalid_sessionId", /""/],
  [{ ...EVENT, sessionId: "a b" }, "invalid_sessionId", /"a b"/],
  [{ ...EVENT, sessionId: "a\n" }, "invalid_sessionId", /"a\\n"/],
  [{ ...EVENT, sessionId: "é" }, "invalid_sessionId", /"é"/],
  [{ ...EVENT, agent: "\u007F" }, "invalid_agent", /ASCII/],
  [{ ...EVENT, agent: 5 }, "invalid_agent", /5.*string/],
  [{ ...EVENT, id: "" }, "invalid_id", /""/],
  [{ ...EVENT, toolUseId: {} }, "invalid_toolUseId", /object/],
  [{ ...EVENT, occurredAt: "now" }, "invalid_occurredAt", /"now"/],
  [{ ...EVENT, source: "me" }, "invalid_source", /"me".*hook/],
  [{ ...EVENT, tool: ["Bash"] }, "invalid_tool", /array/],
  [{ ...EVENT, tool: "\uD800" }, "invalid_tool", /surrogate/],
  [{ ...EVENT, ok: "yes" }, "invalid_ok", /"yes"/],
  [{ ...EVENT, exitCode: "1" }, "invalid_exitCode", /"1"/],
  [{ ...EVENT, pid: 0 }, "invalid_pid", /0/],
  [{ ...EVENT, pid: 1.5 }, "invalid_pid", /1\.5/],
  [{ ...EVENT, pid: 2 ** 53 }, "invalid_pid", /9007199254740992/],
  [{ ...EVENT, cwd: false }, "invalid_cwd", /false/],
  [{ ...EVENT, title: "a \uDC00" }, "invalid_title", /surrogate/],
  [{ ...EVENT, activity: "\uD83D" }, "invalid_activity", /surrogate/],
  [{ ...EVENT, reason: null }, "invalid_reason", /null/],
];

test("refuses an event with a code that names the field, and says the value", async (start) => {
  const perch = await start();
  for (const [event, code, says] of INVALID) {
    for (const [body, type] of [[JSON.stringify(event), "application/json"], [`${JSON.stringify(event)}\n`, NDJSON]] as const) {
      const answer = await ingest(perch, body, type);
      assert.is(problemOf(answer), `400 ${code}`, body);
      assert.match(String(at(answer.json, "detail")), says);
    }
  }
  assert.is(await headOf(perch), 0);
});

/** Bodies that are no JSON text of events. */
const BODIES: readonly (readonly [what: string, body: string | Uint8Array, problem: string, type?: string])[] = [
  ["nothing", "", "400 invalid_json"],
  ["spaces", " \n", "400 invalid_json"],
  ["half an object", '{"kind":"tool.start","sessionId":"s"', "400 invalid_json"],
  ["two objects", '{"kind":"tool.start","sessionId":"s"}{}', "400 invalid_json"],
  ["lines as JSON", '{"kind":"tool.start","sessionId":"s"}\n{"kind":"tool.start","sessionId":"s"}', "400 invalid_json"],
  ["single quotes", "{'kind':'tool.start'}", "400 invalid_json"],
  ["a NUL", '{"kind":"tool.start","sessionId":"s"}\0', "400 invalid_json"],
  ["a raw newline in a string", '{"kind":"tool.start","sessionId":"s","title":"a\nb"}', "400 invalid_json"],
  ["an empty array", "[]", "400 empty_batch"],
  ["no lines", "\n\r\n ", "400 empty_batch", NDJSON],
  ["no bytes of lines", "", "400 empty_batch", NDJSON],
  ["an array on a line", '[{"kind":"tool.start","sessionId":"s"}]', "400 expected_object", NDJSON],
  ["a byte that is no UTF-8", Buffer.from('{"kind":"tool.start","sessionId":"\xff"}', "latin1"), "400 invalid_utf8"],
  ["a surrogate as UTF-8", Buffer.from('{"kind":"tool.start","title":"\xed\xa0\x80"}', "latin1"), "400 invalid_utf8"],
  ["an overlong slash", Buffer.from('{"title":"\xc0\xaf"}', "latin1"), "400 invalid_utf8"],
  ["half a character", Buffer.from('{"kind":"tool.start\xc3', "latin1"), "400 invalid_utf8"],
  ["lines of no UTF-8", Buffer.from('{"title":"\x80"}\n', "latin1"), "400 invalid_utf8", NDJSON],
  ["UTF-16", Buffer.from('{"kind":"tool.start","sessionId":"s"}', "utf16le"), "400 invalid_json"],
];

test("refuses bodies that are no JSON, no UTF-8 or no events", async (start) => {
  const perch = await start();
  for (const [what, body, problem, type] of BODIES) assert.is(problemOf(await ingest(perch, body, type)), problem, what);
  assert.is(await headOf(perch), 0);
});

test("takes a body that starts with a byte order mark", async (start) => {
  const perch = await start();
  for (const type of ["application/json", NDJSON]) {
    assert.is((await ingest(perch, `\u{FEFF}${JSON.stringify(EVENT)}`, type)).status, 200);
  }
});

test("refuses every content type but JSON and NDJSON", async (start) => {
  const perch = await start();
  const types = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"];
  for (
    const type of [...types, "text/json", "application/json-seq", "application/ld+json", "json", "*/*", ";application/json"]
  ) {
    const answer = await ingest(perch, JSON.stringify(EVENT), type);
    assert.is(problemOf(answer), "415 unsupported_media_type", type);
    assert.ok(String(at(answer.json, "detail")).includes("application/x-ndjson"));
  }
  const body = JSON.stringify(EVENT);
  const headers = [["Host", `127.0.0.1:${perch.port}`], ["Content-Length", String(body.length)]] as const;
  const untyped = await rawRequest(perch.port, { method: "POST", target: "/v1/events", headers, body });
  assert.is(problemOf(untyped), "415 unsupported_media_type");
  assert.is(await headOf(perch), 0);
});

/** Paths of v1 and the methods that they know. */
const ALLOWED: readonly (readonly [path: string, allow: string])[] = [
  ["/v1/events", "GET, HEAD, POST"],
  ["/v1/state", "GET, HEAD"],
  ["/v1/stream", "GET, HEAD"],
  ["/events", "GET, HEAD"],
  ["/v1/ws", "GET"],
];

test("answers a method that a path does not know with 405 and those that it does", async (start) => {
  const perch = await start();
  for (const [path, allow] of ALLOWED) {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"].filter((method) => !allow.includes(method))) {
      const answer = await call(perch, method, path);
      assert.is(problemOf(answer), "405 method_not_allowed", `${method} ${path}`);
      assert.is(answer.headers.get("allow"), allow);
    }
  }
});

test("answers a path that is not there with 404, and a socket's path without an upgrade with 426", async (start) => {
  const perch = await start();
  for (const path of ["/v1/", "/v1/nothing", "/v1/events/", "/v1/state/x", "/v1/%00", "/v1/%ff"]) {
    for (const method of ["GET", "POST"]) {
      assert.is(problemOf(await call(perch, method, path)), "404 not_found", `${method} ${path}`);
    }
  }
  const answer = await call(perch, "GET", "/v1/ws");
  assert.is(problemOf(answer), "426 upgrade_required");
  assert.is(answer.headers.get("upgrade"), "websocket");
});

function call({ url }: ServerProcess, method: string, path: string): Promise<Answer> {
  return ask(url + path, { method });
}

test.run();
