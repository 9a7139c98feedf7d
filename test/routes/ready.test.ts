import { test } from "uvu";
import * as assert from "uvu/assert";
import { appOf } from "../support/app.ts";
import { at } from "../support/json.ts";

const WELL = {
  ready: true,
  checks: { store: { ok: true }, clock: { ok: true }, readers: { ok: true }, shutdown: { ok: true } },
};

test("200 while all is well, and nobody keeps the answer", async () => {
  const { status, headers, json } = await appOf().ask("GET /readyz");
  assert.equal([status, json, headers.get("cache-control")], [200, WELL, "no-store"]);
});

test("503 once a check is not ok, with when to ask again", async () => {
  const { ask, broker } = appOf();
  broker.drain();
  const { status, headers, json } = await ask("GET /readyz");
  assert.equal([status, headers.get("retry-after"), at(json, "ready")], [503, "1", false]);
  assert.equal(at(json, "checks", "shutdown"), { ok: false, code: "shutting_down", detail: "The broker is shutting down" });
  assert.equal([(await ask("HEAD /readyz")).status, (await ask("GET /healthz")).text], [503, "ok"]);
});

test("a store that fails is told by its code, and in words to local programs only", async () => {
  const { ask, broker } = appOf();
  broker.health = () => ({ store: { code: "store_failed", detail: "why", since: 7 } });
  const storeOf = async (headers: Record<string, string>) =>
    at((await ask("GET /readyz", { headers })).json, "checks", "store");
  assert.equal(await storeOf({}), { ok: false, code: "store_failed", detail: "why", since: 7 });
  assert.equal(await storeOf({ origin: "http://localhost" }), { ok: false, code: "store_failed", since: 7 });
});

test("what it does not know is answered in the words of v1", async () => {
  const { ask } = appOf();
  for (const path of ["/readyz", "/metrics"]) {
    const answer = await ask(`POST ${path}`);
    assert.equal([answer.status, at(answer.json, "code"), answer.headers.get("allow")], [
      405,
      "method_not_allowed",
      "GET, HEAD",
    ]);
  }
});

test.run();
