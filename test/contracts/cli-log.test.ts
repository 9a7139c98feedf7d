// runtime: node
// limit: 300 s
/** The log of a broker that runs: what is in it, what never is, and how much. */

import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { ask, post } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { publish } from "../support/log.ts";
import { rawRequest } from "../support/raw-http.ts";
import { serverContract } from "./server.ts";

const test = serverContract("log");

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "perch-log-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function end(perch: ServerProcess): Promise<void> {
  perch.signal("SIGTERM");
  assert.equal(await within(10_000, "end", perch.exited), { code: 0, signal: null });
}

test("goes to a file as lines of JSON, which only its owner may read, and nowhere else", async (start) => {
  await withFolder(async (folder) => {
    const path = join(folder, "perch.log");
    const perch = await start("--log-file", path, "--log-format", "json", "--log-level", "debug");
    await ask(`${perch.url}/nope`);
    await end(perch);
    assert.is((statSync(path).mode & 0o777).toString(8), "600");
    const lines: unknown[] = readFileSync(path, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
    const refusal = lines.find((line) => at(line, "properties", "status") === 404);
    assert.equal([at(refusal, "level"), at(refusal, "category")], ["debug", "perch.http"]);
    assert.match(String(at(refusal, "message")), /^refused with 404: /);
    assert.ok(lines.every((line) => !Number.isNaN(Date.parse(String(at(line, "timestamp"))))));
    assert.match(perch.stderr, /^perch listening on \S+ \(sse \/events, ws \/ws\)\n$/);
  });
});

const SECRET = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";
const TOKEN = `perch_a1B2c3D4e5_${SECRET}`;

test("tells of what was refused without the secrets in it, wherever they were sent", async (start) => {
  const perch = await start("--log-level", "debug");
  const host = ["Host", `127.0.0.1:${perch.port}`] as const;
  const raw = (target: string, ...headers: readonly (readonly [string, string])[]) =>
    rawRequest(perch.port, { target, headers });
  await raw(`/nope?x=${TOKEN}`, host);
  await raw(`/nope/${TOKEN}`, host);
  for (const target of [`/nope?ticket=${SECRET}&x=1`, `/nope?code=${SECRET}`]) await raw(target, host);
  await raw("/status", ["Host", TOKEN]);
  await raw("/status", host, ["Origin", `http://${TOKEN}`]);
  await raw(`/v1/state?topics=${TOKEN}`, host);
  await raw(`/v1/events?since=${TOKEN}`, host);
  await post(`${perch.url}/v1/events`, { kind: TOKEN, sessionId: "a" });
  await post(`${perch.url}/v1/events`, "{}", `text/${TOKEN}`);
  await post(`${perch.url}/event`, { kind: `Bearer ${SECRET}`, sessionId: "a" });
  await end(perch);
  assert.ok(perch.stderr.split("refused with").length > 10, perch.stderr);
  assert.not.match(perch.stderr, SECRET.slice(0, 8));
});

const FLOOD = 2_000;
const AT_ONCE = 20;

/** Posts so often what is no event, from many connections. */
async function postNonsense({ url }: ServerProcess, times: number): Promise<void> {
  const postSome = async () => {
    for (let sent = 0; sent < times / AT_ONCE; sent += 1) assert.is((await post(`${url}/event`, "{")).status, 400);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, postSome));
}

test("a flood of refusals is a few lines, which tell how many they were", async (start) => {
  const perch = await start("--log-level", "debug");
  const begun = performance.now();
  await postNonsense(perch, FLOOD);
  await publish(perch, { kind: "tool.start", sessionId: "a" });
  await end(perch);
  const windows = Math.ceil((performance.now() - begun) / 10_000) + 1;
  const lines = perch.stderr.split("\n");
  const told = lines.filter((line) => line.includes("refused with 400"));
  const more = lines.flatMap((line) => /… and (\d+) more: refused with/.exec(line)?.slice(1).map(Number) ?? []);
  assert.ok(told.length >= 20 && told.length <= 20 * windows, `${told.length} lines in ${windows} windows`);
  assert.is(told.length + more.reduce((sum, count) => sum + count, 0), FLOOD);
  assert.ok(more.length <= windows);
});

test.run();
