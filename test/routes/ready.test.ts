import { test } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../../src/errors.ts";
import type { Store } from "../../src/ports/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { appOf } from "../support/app.ts";
import { at } from "../support/json.ts";
import { bearer } from "../support/tokens.ts";

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
  const { status, headers, json } = await ask("GET /readyz", { headers: bearer("root") });
  assert.equal([status, headers.get("retry-after"), at(json, "ready")], [503, "1", false]);
  assert.equal(at(json, "checks", "shutdown"), { ok: false, code: "shutting_down", detail: "The broker is shutting down" });
  assert.equal([(await ask("HEAD /readyz")).status, (await ask("GET /healthz")).text], [503, "ok"]);
});

test("a store that keeps nothing makes it 503 until it keeps something again", async () => {
  const memory = memoryStore();
  let isBroken = false;
  const fail = () => {
    if (isBroken) throw new StoreError("disk_full", { cause: new Error("/secret/path is full") });
  };
  const store: Store = { ...memory, append: (commit) => (fail(), memory.append(commit)), check: fail };
  const { ask, clock } = appOf({}, { store });
  const hook = () => ask("POST /event", { body: '{"kind":"PreToolUse","sessionId":"a"}' });
  isBroken = true;
  assert.is((await hook()).status, 507);
  const { status, json, text } = await ask("GET /readyz");
  assert.equal([status, at(json, "ready"), at(json, "checks", "store", "code")], [503, false, "disk_full"]);
  assert.equal([at(json, "checks", "store", "since"), text.includes("secret")], [clock.wall(), false]);
  isBroken = false;
  clock.advance(1_000);
  await Promise.resolve();
  assert.is((await ask("GET /readyz")).status, 200);
});

test("a store that fails is told by its code, and in words to who may see sessions", async () => {
  const { ask, broker } = appOf();
  broker.health = () => ({ store: { code: "store_failed", detail: "why", since: 7 } });
  const storeOf = async (headers: Record<string, string>) =>
    at((await ask("GET /readyz", { headers })).json, "checks", "store");
  assert.equal(await storeOf(bearer("root")), { ok: false, code: "store_failed", detail: "why", since: 7 });
  for (const headers of [{}, { origin: "http://localhost" }]) {
    assert.equal(await storeOf(headers), { ok: false, code: "store_failed", since: 7 });
  }
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
