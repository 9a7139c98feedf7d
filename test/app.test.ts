import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Scope } from "../src/core/scopes.ts";
import type { Store } from "../src/ports/store.ts";
import { memoryStore } from "../src/stores/memory.ts";
import { appOf, EPOCH, jsonOf, request } from "./support/app.ts";
import { agentEvent } from "./support/events.ts";
import { grantOf } from "./support/facts.ts";
import { at, listAt } from "./support/json.ts";
import { problemOf } from "./support/log.ts";
import { bearer } from "./support/tokens.ts";

const HOOK = { body: '{"kind":"PreToolUse","sessionId":"a"}' };
const EVENT = jsonOf(agentEvent("tool.start", { sessionId: "a", title: "T", tool: "bash" }));
const OWN_PAGE = { origin: "http://localhost" };
const FOREIGN = { headers: { origin: "http://evil.com" } };

test("every route of both surfaces is there, as the protocol tells", async () => {
  const { ask } = appOf();
  const types: [string, number, string | null][] = [
    ["GET /healthz", 200, "text/plain"],
    ["GET /status", 200, "application/json; charset=utf-8"],
    ["POST /dismiss", 204, null],
    ["GET /v1/state", 200, "application/json; charset=utf-8"],
    ["GET /v1/events", 204, null],
  ];
  for (const [line, status, type] of types) {
    const answer = await ask(line);
    assert.equal([answer.status, answer.headers.get("content-type")], [status, type], line);
  }
  assert.is((await ask("POST /event", HOOK)).status, 204);
  assert.equal((await ask("POST /switch", { body: '{"slug":"boba"}' })).json, { ok: true, slug: "boba" });
  assert.equal((await ask("POST /v1/events", EVENT)).json, { accepted: 1, seqs: [5], cursor: `${EPOCH}.6` });
});

test("HEAD answers as GET does, without a body", async () => {
  const { ask } = appOf();
  await ask("POST /v1/events", EVENT);
  for (const path of ["/healthz", "/status", "/v1/state", "/v1/events", "/v1/events?since=x", "/nope", "/v1/ws"]) {
    const [get, head] = [await ask(`GET ${path}`), await ask(`HEAD ${path}`)];
    assert.equal([head.status, head.text, [...head.headers]], [get.status, "", [...get.headers]], path);
  }
});

test("HEAD of a stream gets its headers, and adds no reader", async () => {
  const { ask, broker } = appOf();
  for (const path of ["/v1/stream", "/events"]) {
    const { status, headers, text } = await ask(`HEAD ${path}`);
    assert.equal([status, headers.get("content-type"), text], [200, "text/event-stream; charset=utf-8", ""]);
  }
  assert.is(broker.hub.size, 0);
});

test("what is not there is 404, in the words of its surface", async () => {
  const { ask } = appOf();
  for (const path of ["/nope", "/v1", "/ws", "/", "/event/", "/Status"]) {
    const { status, json } = await ask(`GET ${path}?x=%201`);
    assert.equal([status, json], [404, { error: "not_found", path: `${path}?x=%201` }]);
  }
  for (const path of ["/v1/nope", "/v1/", "/v1/state/", "/v1/healthz"]) {
    assert.is(problemOf(await ask(`GET ${path}?x`)), "404 not_found", path);
  }
});

test("a method that a path of v0 does not know makes it 404", async () => {
  const { ask } = appOf();
  for (const line of ["GET /event", "PUT /event", "POST /status", "DELETE /switch", "GET /dismiss", "POST /healthz"]) {
    assert.equal([(await ask(line)).status, at((await ask(line)).json, "error")], [404, "not_found"], line);
  }
});

test("a method that a path of v1 does not know is 405, and Allow tells which it knows", async () => {
  const { ask } = appOf();
  const cases: [string, readonly string[], string][] = [
    ["/v1/events", ["PUT", "DELETE", "PATCH", "OPTIONS"], "GET, HEAD, POST"],
    ["/v1/state", ["POST", "PUT", "OPTIONS"], "GET, HEAD"],
    ["/v1/stream", ["POST", "OPTIONS"], "GET, HEAD"],
    ["/events", ["POST", "OPTIONS"], "GET, HEAD"],
    ["/v1/ws", ["POST", "OPTIONS"], "GET"],
  ];
  for (const [path, methods, allow] of cases) {
    for (const method of methods) {
      const answer = await ask(`${method} ${path}`);
      assert.equal([problemOf(answer), answer.headers.get("allow")], ["405 method_not_allowed", allow], `${method} ${path}`);
    }
  }
});

test("without an upgrade a socket of v1 says what it is", async () => {
  const answer = await appOf().ask("GET /v1/ws");
  assert.equal([problemOf(answer), answer.headers.get("upgrade")], ["426 upgrade_required", "websocket"]);
});

test("who is refused at the door learns it in the words of the surface, and nothing happens", async () => {
  const { ask, broker } = appOf();
  const lines = ["POST /v1/events", "GET /v1/state", "GET /events", "GET /v1/ws", "GET /v1/nope", "POST /v1/state"];
  for (const line of lines) {
    assert.is(problemOf(await ask(line, FOREIGN)), "403 foreign_origin", line);
    assert.is(problemOf(await ask(line, { headers: { host: "evil.com" } })), "421 wrong_host", line);
  }
  for (const line of ["POST /event", "POST /switch", "POST /dismiss", "GET /status", "GET /healthz", "GET /", "GET /nope"]) {
    assert.equal((await ask(line, FOREIGN)).json, { error: "foreign_origin" }, line);
    assert.equal((await ask(line, { headers: { "sec-fetch-site": "same-site" } })).json, { error: "cross_site" }, line);
  }
  assert.equal([broker.bounds().head, broker.hub.size], [0, 0]);
});

test("reading needs the scope read, everything else the scope ingest", async () => {
  const only = (scope: Scope) => appOf({ access: () => grantOf(scope) }).ask;
  const [reader, writer] = [only("read"), only("ingest")];
  for (const line of ["GET /v1/state", "HEAD /v1/state", "GET /v1/events", "GET /events"]) {
    assert.is((await writer(line)).status, 403, line);
  }
  assert.is(problemOf(await writer("GET /v1/state")), "403 missing_scope");
  assert.equal((await reader("POST /event", HOOK)).json, { error: "missing_scope" });
  assert.is(problemOf(await reader("POST /v1/events", EVENT)), "403 missing_scope");
  assert.is(problemOf(await reader("PUT /v1/state")), "403 missing_scope");
  assert.equal([(await reader("GET /v1/state")).status, (await writer("POST /v1/events", EVENT)).status], [200, 200]);
});

test("who shows nothing sees sessions bare, a token sees them whole", async () => {
  const { ask } = appOf();
  await ask("POST /v1/events", EVENT);
  const titles = async (headers: Record<string, string>) =>
    listAt((await ask("GET /v1/state", { headers })).json, "sessions").map((session) => at(session, "title"));
  assert.equal([await titles(bearer("root")), await titles({}), await titles(OWN_PAGE)], [["T"], [undefined], [undefined]]);
  const tool = async (headers: Record<string, string>) =>
    at((await ask("GET /status", { headers })).json, "recentEvents", 0, "tool");
  assert.equal([await tool(bearer("root")), await tool({}), await tool(OWN_PAGE)], ["bash", undefined, undefined]);
  for (const headers of [{}, OWN_PAGE]) {
    assert.is(problemOf(await ask("GET /v1/events?topics=events", { headers })), "401 unauthorized");
  }
  assert.is((await ask("GET /v1/events?topics=events", { headers: bearer("root") })).status, 200);
});

test("every route asks for credentials where they are required, but for a ping and a login", async () => {
  const { app, ask } = appOf({ requireToken: true, upgradeWebSocket: () => (c) => Promise.resolve(c.text("upgraded")) });
  const upgrade = { connection: "upgrade", upgrade: "websocket" };
  const routes = app.routes.filter(({ method, path }) => method !== "ALL" && !path.includes("*"));
  const lines = [...new Set(routes.map(({ method, path }) => `${method} ${path}`))];
  assert.ok(lines.length >= 17, lines.join());
  for (const line of lines) {
    const { status } = await ask(line, { headers: upgrade });
    const isOpen = line === "GET /healthz" || line === "GET /login";
    assert.is(status === 401, !isOpen, `${line} answered ${status}`);
  }
});

test("a page of a named origin may read errors, too, and no other may read anything", async () => {
  const { ask } = appOf({ origins: ["http://pet.lan"] });
  for (const line of ["GET /v1/state", "GET /v1/state?topics=nope", "GET /nope", "POST /event", "PUT /v1/state"]) {
    const allowed = async (origin: string) =>
      (await ask(line, { headers: { origin } })).headers.get("access-control-allow-origin");
    assert.equal([await allowed("http://pet.lan"), await allowed("http://localhost")], ["http://pet.lan", null], line);
  }
});

test("a body over its limit is 413: 64 KiB on v0, what was set on v1", async () => {
  const { ask, broker } = appOf({ limits: { bodyBytes: 100 } });
  for (const path of ["/event", "/switch"]) {
    assert.is((await ask(`POST ${path}`, { body: " ".repeat(65_536) })).status, 400);
    const { status, json } = await ask(`POST ${path}`, { body: " ".repeat(65_537) });
    assert.equal([status, json], [413, { error: "body_too_large" }]);
  }
  const sized = (size: number) => ({ ...EVENT, body: JSON.stringify(agentEvent("session.update")).padEnd(size) });
  assert.is((await ask("POST /v1/events", sized(100))).status, 200);
  const { head } = broker.bounds();
  assert.is(problemOf(await ask("POST /v1/events", sized(101))), "413 body_too_large");
  assert.is(broker.bounds().head, head);
});

test("a store that fails is 503 on both surfaces, and nothing of it leaks", async () => {
  const store: Store = {
    ...memoryStore(),
    append() {
      throw new Error("secret");
    },
  };
  const { ask } = appOf({}, { store });
  assert.is(problemOf(await ask("POST /v1/events", EVENT)), "503 store_failed");
  for (const [line, rest] of [["POST /event", HOOK], ["POST /switch", { body: '{"slug":"x"}' }]] as const) {
    const { status, text } = await ask(line, rest);
    assert.equal([status, text], [503, '{"error":"store_failed"}'], line);
  }
});

test("a broker that shuts down refuses events for now, on both surfaces", async () => {
  const { ask, broker } = appOf();
  broker.drain();
  const answer = await ask("POST /v1/events", EVENT);
  assert.equal([problemOf(answer), answer.headers.get("retry-after")], ["503 shutting_down", "1"]);
  for (const [line, rest] of [["POST /event", HOOK], ["POST /switch", { body: '{"slug":"x"}' }]] as const) {
    const { status, headers, json } = await ask(line, rest);
    assert.equal([status, json, headers.get("retry-after")], [503, { error: "shutting_down" }, "1"], line);
  }
  assert.is((await ask("GET /v1/state")).status, 200);
});

test("a stream goes on from the id that a browser sends, else from the query", async () => {
  const { app, broker } = appOf();
  broker.switchPet("cat");
  broker.switchPet("dog");
  const since = async (path: string, headers: Record<string, string>) => {
    const response = await request(app, `GET ${path}`, { headers });
    const reader = response.body?.getReader();
    const { value } = await reader?.read() ?? {};
    await reader?.cancel();
    return /"since":"([^"]*)"/.exec(new TextDecoder().decode(value))?.[1];
  };
  for (const path of ["/events", "/v1/stream"]) {
    assert.is(await since(`${path}?since=${EPOCH}.1`, {}), `${EPOCH}.1`);
    assert.is(await since(`${path}?since=${EPOCH}.1`, { "last-event-id": `${EPOCH}.2` }), `${EPOCH}.2`);
    assert.is(await since(path, {}), undefined);
  }
  assert.is(broker.hub.size, 0);
});

test.run();
