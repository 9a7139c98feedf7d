import { Hono } from "hono";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createApp } from "../src/app.ts";
import { askApp, brokerOf, jsonOf } from "./support/app.ts";
import { agentEvent } from "./support/events.ts";
import { at } from "./support/json.ts";
import { problemOf } from "./support/log.ts";

const EVENT = jsonOf(agentEvent("tool.start", { sessionId: "a" }));
const FOREIGN = { headers: { origin: "http://evil.com" } };

/** An app of somebody else, with Perch below `/perch`. */
function mounted() {
  const { broker } = brokerOf();
  const root = new Hono();
  root.get("/own", (c) => c.text("own"));
  root.route("/perch", createApp({ broker }));
  root.notFound((c) => c.text("not here", 404));
  return { broker, root };
}

test("an app that mounts Perch below a path moves all paths with it", async () => {
  const { root, broker } = mounted();
  assert.is((await askApp(root, "GET /perch/healthz")).text, "ok");
  assert.is((await askApp(root, "POST /perch/v1/events", EVENT)).status, 200);
  assert.is((await askApp(root, "POST /perch/event", { body: '{"kind":"SessionStart","sessionId":"b"}' })).status, 204);
  assert.is((await askApp(root, "GET /perch/v1/state")).status, 200);
  assert.equal([...broker.sessions()].map(({ id }) => id), ["a", "b"]);
  for (const path of ["/healthz", "/v1/state"]) assert.is((await askApp(root, `GET ${path}`)).text, "not here");
});

test("its errors keep the words of their surface", async () => {
  const { root } = mounted();
  assert.is(problemOf(await askApp(root, "GET /perch/v1/state?topics=nope")), "400 invalid_topics");
  assert.is(problemOf(await askApp(root, "PUT /perch/v1/state")), "405 method_not_allowed");
  assert.is(problemOf(await askApp(root, "GET /perch/events", FOREIGN)), "403 foreign_origin");
  assert.equal((await askApp(root, "GET /perch/status", FOREIGN)).json, { error: "foreign_origin" });
  assert.equal((await askApp(root, "POST /perch/event", { body: "{" })).json, { error: "invalid_json" });
});

test("history that can't be told leads to the state at its new place", async () => {
  const gone = await askApp(mounted().root, "GET /perch/v1/events?since=other.1");
  assert.equal([problemOf(gone), at(gone.json, "snapshot")], ["410 cursor_malformed", "/perch/v1/state"]);
});

test("the rest of the app is left alone", async () => {
  const { root } = mounted();
  const own = await askApp(root, "GET /own", { headers: { host: "evil.com", origin: "http://evil.com" } });
  assert.equal([own.status, own.text, own.headers.get("vary")], [200, "own", null]);
});

test("several brokers go side by side in one app", async () => {
  const root = new Hono();
  const brokers = ["one", "two"].map((name) => {
    const { broker } = brokerOf();
    root.route(`/${name}`, createApp({ broker }));
    return broker;
  });
  await askApp(root, "POST /two/v1/events", EVENT);
  assert.equal(brokers.map((broker) => broker.sessionCount()), [0, 1]);
});

test.run();
