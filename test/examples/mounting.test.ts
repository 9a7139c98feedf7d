import { Hono } from "hono";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Broker, createApp, createBroker } from "../../mod.ts";
import { at, parseOrUndefined } from "../support/json.ts";

const LOCAL = { host: "127.0.0.1:8080" };
const FOREIGN = { host: "evil.test" };
const PROBLEM = "application/problem+json";

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

/** Asks an own app in which Perch is mounted at `base`, between own routes. */
function ownApp(base: string, broker: Broker): (path: string, init?: RequestInit, peer?: string) => Promise<Answer> {
  const app = new Hono();
  app.get("/before", (c) => c.text("own"));
  app.route(base, createApp({ broker }));
  app.get("/after", (c) => c.text("own"));
  app.get("/after/fails", () => {
    throw new Error("own failure");
  });
  app.notFound((c) => c.text("own 404", 404));
  app.onError((error, c) => c.text(`own 500: ${error.message}`, 500));
  return async (path, init = {}, peer = "127.0.0.1") => {
    const response = await app.request(path, { headers: LOCAL, ...init }, { remoteAddr: { hostname: peer } });
    return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
  };
}

for (const base of ["/", "/perch"]) {
  const test = suite(`mounted at ${base}`);
  const below = base === "/" ? "" : base;
  const broker = createBroker();
  const ask = ownApp(base, broker);

  test("own routes answer on both sides of Perch, and so do own errors", async () => {
    assert.is((await ask("/before")).text, "own");
    assert.is((await ask("/after")).text, "own");
    assert.is((await ask("/after/fails")).text, "own 500: own failure");
    assert.is((await ask("/nothing")).text, "own 404");
  });

  test("what Perch does not know is for the own app to answer", async () => {
    assert.is((await ask(`${below}/v1/nothing`)).text, "own 404");
  });

  test("events go in and the state comes out", async () => {
    const headers = { ...LOCAL, "content-type": "application/json" };
    const body = '{"kind":"prompt.submit","sessionId":"s"}';
    assert.is((await ask(`${below}/v1/events`, { method: "POST", headers, body })).status, 200);
    const state = parseOrUndefined((await ask(`${below}/v1/state`)).text);
    assert.is(at(state, "state", "state"), "prompted");
    assert.is(at(parseOrUndefined((await ask(`${below}/status`)).text), "state"), "jump");
    assert.is((await ask(`${below}/events`, { method: "HEAD" })).type, "text/event-stream; charset=utf-8");
  });

  test("errors of Perch are in its own words", async () => {
    const { status, type, text } = await ask(`${below}/v1/events`, { method: "POST", body: "{}" });
    assert.is(`${status} ${type}`, `415 ${PROBLEM}`);
    assert.is(at(parseOrUndefined(text), "code"), "unsupported_media_type");
    assert.equal(await ask(`${below}/event`, { method: "POST", body: "{" }), {
      status: 400,
      type: "application/json; charset=utf-8",
      text: '{"error":"invalid_json"}',
    });
    assert.is((await ask(`${below}/v1/state?topics=x`)).type, PROBLEM);
    assert.is((await ask(`${below}/v1/state`, { method: "DELETE" })).status, 405);
  });

  test("a host that is not this machine, on whatever port, and a foreign page are refused", async () => {
    for (const host of ["127.0.0.1", "127.0.0.1:1", "localhost:65535", "[::1]:8080"]) {
      assert.is((await ask(`${below}/v1/state`, { headers: { host } })).status, 200, host);
    }
    for (const host of ["evil.test", "127.0.0.1.evil.test", "localhost:8080.evil.test", "evil.test:8080"]) {
      assert.is((await ask(`${below}/v1/state`, { headers: { host } })).status, 421, host);
    }
    assert.is((await ask(`${below}/v1/state`, { headers: { ...LOCAL, origin: "http://evil.test" } })).status, 403);
    assert.is((await ask(`${below}/v1/state`, { headers: { ...LOCAL, origin: "http://localhost:8080" } })).status, 200);
  });

  test("whoever comes from beyond this machine needs a token for Perch, and none for own routes", async () => {
    for (const path of ["/before", "/after"]) assert.is((await ask(path, {}, "10.0.0.1")).text, "own");
    for (const path of ["/nothing?token=x", base]) assert.is((await ask(path, {}, "10.0.0.1")).text, "own 404", path);
    for (const path of ["/v1/state", "/status", "/events"]) {
      assert.is((await ask(below + path, {}, "10.0.0.1")).status, 401, path);
    }
  });

  test("its checks hold for own routes only when those come after it, at the same base", async () => {
    assert.is((await ask("/before", { headers: FOREIGN })).status, 200);
    assert.is((await ask("/after", { headers: FOREIGN })).status, base === "/" ? 421 : 200);
  });

  test.after(() => broker.close());
  test.run();
}
