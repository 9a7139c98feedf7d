// runtime: node
/** What every answer carries, whoever makes it: the fast path, the app, an adapter. */

import * as assert from "uvu/assert";
import { bearerOf } from "../support/http.ts";
import { type RawHeaders, rawRequest, UPGRADE } from "../support/raw-http.ts";
import { serverContract } from "./server.ts";

const test = serverContract("headers");

const SAFE = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

type Sent = readonly [status: number, method: string, target: string, body?: string | undefined, more?: RawHeaders];

/** One request for each kind of answer. */
const REQUESTS: readonly Sent[] = [
  [200, "GET", "/healthz"],
  [200, "HEAD", "/healthz"],
  [200, "GET", "/status"],
  [204, "POST", "/event", '{"kind":"PreToolUse","sessionId":"s"}'],
  [400, "POST", "/event", "{"],
  [200, "POST", "/switch", '{"slug":"boba"}'],
  [204, "POST", "/dismiss"],
  [200, "POST", "/v1/events", '{"kind":"session.update","sessionId":"s"}', [["Content-Type", "application/json"]]],
  [415, "POST", "/v1/events", "x"],
  [200, "GET", "/v1/state"],
  [304, "GET", "/v1/state", undefined, [["If-None-Match", "*"]]],
  [200, "GET", "/v1/events?since=earliest"],
  [204, "GET", "/v1/events?since=now"],
  [410, "GET", "/v1/events?since=x"],
  [200, "GET", "/events"],
  [200, "HEAD", "/v1/stream"],
  [426, "GET", "/v1/ws"],
  [405, "PUT", "/v1/state"],
  [404, "GET", "/nope"],
  [404, "GET", "/v1/nope"],
  [400, "GET", "/%2e%2e/status"],
  [401, "GET", "/events?topics=events"],
  [401, "GET", "/v1/state", undefined, [["Authorization", "Bearer x"]]],
  [400, "GET", "/v1/state?token=x"],
  [403, "GET", "/login?code=x"],
  [403, "GET", "/status", undefined, [["Origin", "http://evil.com"]]],
  [403, "POST", "/event", "{}", [["Origin", "http://evil.com"]]],
  [421, "GET", "http://evil.com/status"],
  [200, "GET", "/readyz"],
  [401, "GET", "/metrics"],
  [403, "GET", "/v1/ws", undefined, [...UPGRADE, ["Origin", "http://evil.com"]]],
  [401, "GET", "/v1/ws", undefined, [...UPGRADE, ["Authorization", "Bearer x"]]],
  [400, "GET", "/v1/ws", undefined, UPGRADE.filter(([name]) => name !== "Sec-WebSocket-Key")],
];

test("has every answer guess no type, tell no address, and show itself to no page of another origin", async (start) => {
  const perch = await start();
  for (const [status, method, target, body, more = []] of REQUESTS) {
    const length: RawHeaders = body === undefined ? [] : [["Content-Length", String(body.length)]];
    const headers: RawHeaders = [["Host", `127.0.0.1:${perch.port}`], ...length, ...more];
    const answer = await rawRequest(
      perch.port,
      body === undefined ? { method, target, headers } : { method, target, headers, body },
    );
    assert.is(answer.status, status, `${method} ${target} ${more}`);
    for (const [name, value] of Object.entries(SAFE)) {
      assert.is(answer.headers.get(name), value, `${name} of ${method} ${target} ${more}`);
    }
    assert.is(answer.headers.get("content-encoding"), null);
    assert.is(answer.headers.get("access-control-allow-origin"), null);
  }
});

test("compresses no stream, whatever a client offers, and lets nobody keep one", async (start) => {
  const perch = await start();
  for (const path of ["/events", "/v1/stream"]) {
    const { headers } = await rawRequest(perch.port, {
      target: path,
      headers: [["Host", `127.0.0.1:${perch.port}`], ["Accept-Encoding", "gzip, deflate, br, zstd"]],
    });
    assert.equal([headers.get("content-encoding"), headers.get("cache-control")], [null, "no-store, no-transform"]);
  }
});

test("lets nobody keep what was told to a token, or what is one", async (start) => {
  const perch = await start();
  const own: RawHeaders = [["Host", `127.0.0.1:${perch.port}`], ["Authorization", bearerOf(perch).authorization]];
  for (
    const [method, target] of [["GET", "/v1/state"], ["GET", "/v1/events"], ["GET", "/status"], ["GET", "/metrics"]] as const
  ) {
    assert.is(
      (await rawRequest(perch.port, { method, target, headers: own })).headers.get("cache-control"),
      "no-store",
      target,
    );
  }
  for (const target of ["/v1/tickets", "/v1/login-links"]) {
    const answer = await rawRequest(perch.port, { method: "POST", target, headers: [...own, ["Content-Length", "0"]] });
    assert.equal([answer.status, answer.headers.get("cache-control")], [200, "no-store"], target);
  }
});

test("lets pages of named origins send a token and a key, and nobody else", async (start) => {
  const named = "http://localhost:5173";
  const perch = await start("--allow-origin", named, "--require-token");
  const preflight = (origin: string) =>
    rawRequest(perch.port, {
      method: "OPTIONS",
      target: "/v1/events",
      headers: [["Host", `127.0.0.1:${perch.port}`], ["Origin", origin], ["Access-Control-Request-Method", "POST"]],
    });
  const { status, headers } = await preflight(named);
  assert.equal([status, headers.get("vary"), headers.get("access-control-allow-credentials")], [204, "Origin", null]);
  for (const name of ["authorization", "idempotency-key", "content-type", "last-event-id", "if-none-match"]) {
    assert.match(headers.get("access-control-allow-headers") ?? "", name);
  }
  assert.is((await preflight("http://localhost:5174")).status, 403);
  const state = await rawRequest(perch.port, {
    target: "/v1/state",
    headers: [["Host", `127.0.0.1:${perch.port}`], ["Origin", named], ["Authorization", bearerOf(perch).authorization]],
  });
  assert.equal([state.status, state.headers.get("vary")], [200, "Authorization, Cookie, Origin"]);
});

test.run();
