// runtime: node
// limit: 300 s
/** Who may read the metrics, what they tell of those who are refused, and when a broker is ready. */

import * as assert from "uvu/assert";
import { createToken, revokeToken, showing } from "../support/broker-tokens.ts";
import { openFloater } from "../support/floater.ts";
import { ask, post } from "../support/http.ts";
import { ingest, problemOf, publish } from "../support/log.ts";
import { rawRequest, UPGRADE } from "../support/raw-http.ts";
import { assertGrown, growth, type Metrics, of, scrape, startShown } from "./_metrics.ts";
import { openStream, readStart } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("metrics of refusals", { atOnce: "runtimes" });

test("counts every request that is refused, by its status and code", async (start) => {
  const perch = await startShown(start, "--max-sessions", "1");
  await publish(perch, { kind: "tool.start", sessionId: "a" });
  const before = await scrape(perch);
  await ingest(perch, "{");
  await ingest(perch, { kind: "no.kind", sessionId: "a" });
  await ingest(perch, { kind: "tool.start", sessionId: "b" });
  await ingest(perch, "x", "text/plain");
  await ingest(perch, "x".repeat(300_000));
  for (const body of ["{", "{}", "x".repeat(70_000)]) await post(`${perch.url}/event`, body);
  await rawRequest(perch.port, { target: "/v1/state", headers: [["Host", "evil.com"]] });
  await rawRequest(perch.port, {
    target: "/status",
    headers: [["Host", `127.0.0.1:${perch.port}`], ["Origin", "http://evil.com"]],
  });
  await ask(`${perch.url}/nope`);
  const after = await scrape(perch);
  const refused = (status: number, code: string) => `perch_refusals_total{status="${status}",code="${code}"}`;
  const once = [
    refused(503, "too_many_sessions"),
    refused(415, "unsupported_media_type"),
    refused(421, "wrong_host"),
    refused(403, "foreign_origin"),
    refused(404, "not_found"),
  ];
  assert.equal(growth(before, after, ...once), once.map(() => 1));
  const twice = [refused(400, "invalid_json"), refused(400, "invalid_kind"), refused(413, "body_too_large")];
  assert.equal(growth(before, after, ...twice), twice.map(() => 2));
  assertGrown(before, after);
});

test("is for who holds the scope admin, and for others only if that was said", async (start) => {
  const perch = await start();
  const statusWith = async (token: string) => (await ask(`${perch.url}/metrics`, { headers: showing(token) })).status;
  assert.is(problemOf(await ask(`${perch.url}/metrics`)), "401 unauthorized");
  const others = await createToken(perch, ["ingest", "read", "sessions", "messages"]);
  const statuses = [perch.token, await createToken(perch, ["admin"]), others].map(statusWith);
  assert.equal(await Promise.all(statuses), [200, 200, 403]);
});

test("counts wrong credentials, and each limit that somebody hits", async (start) => {
  const perch = await startShown(start, "--max-new-streams", "1");
  const before = await scrape(perch);
  for (let tries = 0; tries < 12; tries += 1) {
    await ask(`${perch.url}/v1/state`, { headers: showing(`perch_${"a".repeat(10)}_${"b".repeat(43)}`) });
  }
  const headers = {};
  for (let tries = 0; tries < 15; tries += 1) {
    (await openStream(perch, "sse", { headers })).close();
    await rawRequest(perch.port, { target: "/v1/ws", headers: [["Host", `127.0.0.1:${perch.port}`], ...UPGRADE] });
  }
  const after = await scrape(perch);
  const refused = (status: number, code: string) => of(after, `perch_refusals_total{status="${status}",code="${code}"}`);
  assert.equal(refused(401, "unauthorized") + refused(429, "too_many_failures"), 12);
  assert.ok(refused(429, "too_many_failures") > 0 && refused(429, "too_many_streams") > 0);
  assert.ok(of(after, 'perch_readers_refused_total{reason="rate"}') > 0);
  assertGrown(before, after);
});

test("counts readers that are cut for what they send, and for the end of their token", async (start) => {
  const perch = await startShown(start);
  const token = await createToken(perch, ["read"]);
  const held = await openStream(perch, "sse", { headers: showing(token) });
  await readStart(held);
  const floater = await openFloater(perch, "/ws");
  for (let frames = 0; frames < 45; frames += 1) floater.send("x");
  await floater.ended;
  const large = await openFloater(perch, "/ws");
  large.send("x".repeat(16_385));
  assert.is((await large.ended).code, 1009);
  await revokeToken(perch, token);
  await held.ended;
  const cut = (metrics: Metrics, reason: string) => of(metrics, `perch_readers_cut_total{reason="${reason}"}`);
  const metrics = await scrape(perch);
  assert.equal([cut(metrics, "too many frames"), cut(metrics, "token revoked")], [1, 1]);
});

test("is ready until it shuts down, and says that it does", async (start) => {
  const perch = await startShown(start);
  const { status, text } = await ask(`${perch.url}/readyz`);
  const well = { store: { ok: true }, clock: { ok: true }, readers: { ok: true }, shutdown: { ok: true } };
  assert.equal([status, JSON.parse(text)], [200, { ready: true, checks: well }]);
  const readers = await Promise.all(Array.from({ length: 40 }, () => openStream(perch, "sse")));
  for (const reader of readers) await readStart(reader);
  perch.signal("SIGTERM");
  await Promise.race(readers.map(({ ended }) => ended));
  const answer = await ask(`${perch.url}/readyz`);
  assert.is(answer.status, 503);
  assert.match(answer.text, '"shutdown":{"ok":false,"code":"shutting_down"');
  assert.is(of(await scrape(perch), "perch_ready"), 0);
  assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
});

test.run();
