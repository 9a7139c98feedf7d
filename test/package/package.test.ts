// runtime: node
// limit: 300 s

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { VERSION } from "../../src/version.ts";
import { startServer } from "../support/broker-process.ts";
import { ask, post } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { newStateDir } from "../support/state-dir.ts";
import { openWs } from "../support/ws-reader.ts";
import { installPackage, runIn } from "./_install.ts";

const TSC = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const DENO = fileURLToPath(new URL("../../node_modules/.bin/deno", import.meta.url));

const { folder, sources, files } = await installPackage();
const bin = join(folder, "node_modules", ".bin", "perch");

const manifestSchema = v.object({
  bin: v.record(v.string(), v.string()),
  exports: v.record(v.string(), v.record(v.string(), v.string())),
  engines: v.object({ node: v.string() }),
});
const manifest = v.parse(manifestSchema, JSON.parse(readFileSync(join(sources, "package.json"), "utf8")));

test("the package holds all that its manifest names", () => {
  const named = [...Object.values(manifest.bin), ...Object.values(manifest.exports).flatMap((entry) => Object.values(entry))];
  for (const path of named) assert.ok(files.includes(path.replace(/^\.\//, "")), path);
  assert.ok(files.includes("LICENSE"));
});

test("the package holds what it runs and its types, no sources, no tests", () => {
  const isExpected = (path: string): boolean =>
    /^dist\/(?:mod|src\/.+|adapters\/.+)(?:\.js|\.d\.ts)$/.test(path) ||
    /^dist\/chunks\/[^/]+\.js$/.test(path) ||
    /^(?:package\.json|LICENSE|README\.md|CHANGELOG\.md|src\/protocol\/PROTOCOL\.md)$/.test(path);
  assert.equal(files.filter((path) => !isExpected(path)), []);
  const twins = files.filter((path) => path.endsWith(".js") && !path.startsWith("dist/chunks/")).map((path) =>
    path.replace(/\.js$/, ".d.ts")
  );
  assert.equal(twins.filter((path) => !files.includes(path)), []);
});

test("npx perch says its version", async () => {
  assert.is((await runIn(folder, ["npx", "--no-install", "perch", "--version"])).stdout, `${VERSION}\n`);
  assert.equal(await runIn(folder, [process.execPath, bin, "--version"]), { code: 0, stdout: `${VERSION}\n`, stderr: "" });
});

test("the bin runs on Deno too", async () => {
  assert.is((await runIn(folder, [DENO, "run", "-A", bin, "--version"])).stdout, `${VERSION}\n`);
});

test("perch serve serves over HTTP and WebSocket, and ends in order", async () => {
  const listening = /^perch listening on (http:\/\/127\.0\.0\.1:([0-9]+)) \(sse \/events, ws \/ws\)$/m;
  const perch = await startServer([process.execPath, bin, "serve", "--port", "0"], listening);
  const reader = await openWs(`${perch.url}/v1/ws`);
  await reader.messages.next("live", ({ type }) => type === "live");
  assert.is((await post(`${perch.url}/v1/events`, { kind: "tool.start", sessionId: "s" })).status, 200);
  assert.is(at((await reader.messages.next("session", ({ type }) => type === "session")).data, "id"), "s");
  assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
  perch.signal("SIGTERM");
  assert.equal(await within(10_000, "end", perch.exited), { code: 0, signal: null });
});

test("the exports can be imported, and importing them starts nothing", async () => {
  const script = `
    const { createApp, createBroker } = await import("@perch/broker");
    const { connect } = await import("@perch/broker/client");
    const { connect: connectHere, findBroker } = await import("@perch/broker/local");
    const { serve } = await import("@perch/broker/node");
    console.log([createApp, createBroker, connect, connectHere, findBroker, serve].map((each) => typeof each).join());
  `;
  const outcome = await runIn(folder, [process.execPath, "--input-type=module", "--eval", script]);
  assert.equal(outcome, { code: 0, stdout: "function,function,function,function,function,function\n", stderr: "" });
});

test("a program that installed the package starts a broker with it, on Node and on Deno", async () => {
  for (const [command, ...flags] of [[process.execPath, "--input-type=module", "--eval"], [DENO, "eval"]]) {
    const stateDir = newStateDir();
    const script = `
      const { connect, findBroker } = await import("@perch/broker/local");
      const stateDir = ${JSON.stringify(stateDir)};
      const connection = await connect({ stateDir, spawn: { flags: ["--port", "0"] } });
      await new Promise((resolve) => connection.on("live", resolve));
      connection.close();
      console.log((await findBroker({ stateDir })).pid);
    `;
    const outcome = await runIn(folder, [command ?? "", ...flags, script]);
    assert.equal({ ...outcome, stdout: "" }, { code: 0, stdout: "", stderr: "" });
    process.kill(Number(outcome.stdout), "SIGKILL");
  }
});

const CONSUMER = `import { Hono } from "hono";
import { type AppOptions, type Broker, createApp, createBroker, type StateData } from "@perch/broker";
import { connect, type Status } from "@perch/broker/client";
import { connect as connectHere, type FoundBroker, findBroker } from "@perch/broker/local";
import { serve } from "@perch/broker/node";

const broker: Broker = createBroker({ maxSessions: 10, timings: { failedMs: 1_000 } });
const options: AppOptions = { broker, origins: ["http://localhost:5173"] };
export const app: Hono = new Hono().route("/perch", createApp(options));
export const state: StateData = broker.state();
export const url: Promise<string> = serve({ broker, port: 0 }).then((server) => server.url);
const connection = connect({ url: "http://127.0.0.1:7857" });
connection.on("state", ({ state, counts }) => [state satisfies string, counts.working satisfies number]);
export const status: Status = connection.status();
export const found: Promise<FoundBroker | undefined> = findBroker({ stateDir: "/tmp/perch" });
export const spawned: Promise<Status> = connectHere({ spawn: true, topics: ["state"] }).then((each) => each.status());
// @ts-expect-error: there is no such option
createBroker({ maxSession: 1 });
// @ts-expect-error: there is no such event
connection.on("states", () => {});
`;

for (const flags of [["--module", "nodenext"], ["--module", "esnext", "--moduleResolution", "bundler"]]) {
  test(`a consumer's types are right with ${flags.join(" ")}`, async () => {
    writeFileSync(join(folder, "consumer.ts"), CONSUMER);
    const strict = ["--ignoreConfig", "--noEmit", "--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false"];
    const libs = ["--target", "es2023", "--lib", "es2023,dom,dom.iterable,dom.asynciterable", "--types", ""];
    const outcome = await runIn(folder, [process.execPath, TSC, ...strict, ...libs, ...flags, "consumer.ts"]);
    assert.equal(outcome, { code: 0, stdout: "", stderr: "" });
  });
}

test.run();
