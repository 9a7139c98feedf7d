import type { WSEvents } from "hono/ws";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Upgrade } from "../src/app.ts";
import { appOf } from "./support/app.ts";
import { problemOf } from "./support/log.ts";

const UPGRADE = { connection: "Upgrade", upgrade: "websocket" };

/** An app on a runtime whose upgrades are answered with 200 `upgraded`, and how many there were. */
function socketApp() {
  const upgraded: WSEvents[] = [];
  const upgradeWebSocket: Upgrade = (createEvents) => (c) => {
    upgraded.push(createEvents(c));
    return Promise.resolve(c.text("upgraded"));
  };
  return { ...appOf({ upgradeWebSocket }), upgraded };
}

test("three paths are sockets", async () => {
  const { ask, upgraded } = socketApp();
  for (const path of ["/ws", "/", "/v1/ws", "/v1/ws?topics=state&since=now"]) {
    assert.is((await ask(`GET ${path}`, { headers: UPGRADE })).text, "upgraded", path);
  }
  assert.is(upgraded.length, 4);
  assert.ok(upgraded.every(({ onOpen, onMessage, onClose }) => onOpen && onMessage && onClose));
});

test("an upgrade is one in whatever case, and among other options of the connection", async () => {
  const { ask } = socketApp();
  for (const connection of ["upgrade", "UPGRADE", "keep-alive, Upgrade", "upgrade ,x"]) {
    const headers = { connection, upgrade: "WebSocket" };
    assert.is((await ask("GET /v1/ws", { headers })).text, "upgraded", connection);
  }
});

test("what Connection does not name, or what is to become something else, is no upgrade", async () => {
  const { ask, upgraded } = socketApp();
  const none: Record<string, string>[] = [
    {},
    { upgrade: "websocket" },
    { connection: "keep-alive", upgrade: "websocket" },
    { connection: "upgraded", upgrade: "websocket" },
    { connection: "upgrade" },
    { connection: "upgrade", upgrade: "h2c" },
    { connection: "upgrade", upgrade: "websocket, h2c" },
  ];
  for (const headers of none) {
    assert.is(problemOf(await ask("GET /v1/ws", { headers })), "426 upgrade_required");
    for (const path of ["/ws", "/"]) assert.is((await ask(`GET ${path}`, { headers })).status, 404);
    assert.is((await ask("GET /v1/state", { headers })).status, 200);
  }
  assert.is(upgraded.length, 0);
});

test("who is refused, or asks for what it may not, gets no socket", async () => {
  const { ask, upgraded } = socketApp();
  const headers = { ...UPGRADE, origin: "http://evil.com" };
  assert.is(problemOf(await ask("GET /v1/ws", { headers })), "403 foreign_origin");
  assert.equal((await ask("GET /ws", { headers })).json, { error: "foreign_origin" });
  assert.is(problemOf(await ask("GET /v1/ws?topics=nope", { headers: UPGRADE })), "400 invalid_topics");
  const page = { ...UPGRADE, origin: "http://localhost" };
  assert.is(problemOf(await ask("GET /v1/ws?topics=events", { headers: page })), "401 unauthorized");
  assert.is(upgraded.length, 0);
});

test("an event stream is no socket, and says where that is", async () => {
  const { ask, broker, upgraded } = socketApp();
  for (const path of ["/events", "/v1/stream"]) {
    const answer = await ask(`GET ${path}`, { headers: UPGRADE });
    assert.is(problemOf(answer), "400 invalid_upgrade");
    assert.match(answer.text, "/v1/ws");
  }
  assert.equal([broker.hub.size, upgraded.length], [0, 0]);
});

test("without upgrades there are no sockets, whatever is asked for", async () => {
  const { ask } = appOf();
  assert.is(problemOf(await ask("GET /v1/ws", { headers: UPGRADE })), "426 upgrade_required");
  for (const path of ["/ws", "/"]) assert.is((await ask(`GET ${path}`, { headers: UPGRADE })).status, 404, path);
});

test.run();
