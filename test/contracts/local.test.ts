// runtime: node
// limit: 300 s
/** `@perch/broker/local`: programs that find their broker, and start one where none runs. */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Runtime } from "../support/broker-process.ts";
import { commandFor } from "../support/broker-process.ts";
import { within } from "../support/inbox.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { newStateDir } from "../support/state-dir.ts";
import { type Run, runPerch, startCommand, startPerch } from "./_perch.ts";
import { serverContract } from "./server.ts";

const test = serverContract("the local client");

/** Runs `body` as a program of its own, in which `local` is the module. What it returns is its last line, as JSON. */
async function program(runtime: Runtime, folder: string, body: string): Promise<{ readonly said: unknown; readonly run: Run }> {
  const code = `const local = await import("./adapters/local.ts");
    const said = await (async () => {${body}})();
    console.log(JSON.stringify(said ?? null));`;
  const [command] = commandFor(runtime);
  const flags = runtime === "node" ? ["--input-type=module", "--eval"] : ["eval", "--ext=ts"];
  const run = await startCommand([command, ...flags, code], { PERCH_STATE_DIR: folder }).ended;
  return { said: parseOrUndefined(run.stdout.trimEnd().split("\n").at(-1) ?? ""), run };
}

const UNTIL_LIVE = `
const until = (connection) => new Promise((resolve, reject) => connection.on("status", ({ phase, cause }) => {
  if (phase === "live") resolve();
  if (phase === "closed") reject(new Error(cause.detail));
}));`;
const SPAWN = `{ spawn: { flags: ["--port", "0"] } }`;

/** Ends the broker that a program has left behind. */
async function endBroker(folder: string): Promise<void> {
  const path = join(folder, "broker.json");
  if (!existsSync(path)) return;
  const pid = Number(at(parseOrUndefined(readFileSync(path, "utf8")), "pid"));
  process.kill(pid, "SIGTERM");
  const gone = async (): Promise<void> => {
    while (existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await within(10_000, "end of the broker", gone());
}

test("a broker that runs is found with its token, which it lets in over both transports", async (start, runtime) => {
  const { stateDir, url, pid, token } = await start("--require-token");
  const body = `${UNTIL_LIVE}
    const found = await local.findBroker();
    const states = [];
    for (const transport of ["sse", "ws"]) {
      const connection = await local.connect({ transport });
      await until(connection);
      states.push(connection.state().state);
      connection.close();
    }
    return { found, states };`;
  const { said, run } = await program(runtime, stateDir, body);
  assert.is(run.code, 0, run.stderr);
  assert.equal([at(said, "found", "url"), at(said, "found", "pid"), at(said, "found", "token")], [url, pid, token]);
  assert.equal(at(said, "states"), ["idle", "idle"]);
});

test(
  "commands find a broker that wants a token, and show it that of their folder or one that is named",
  async (start, runtime) => {
    const { stateDir, url, token } = await start("--require-token");
    const at = { PERCH_STATE_DIR: stateDir };
    assert.is((await runPerch(runtime, ["event", "tool.start", "--session", "s1"], at)).code, 0);
    assert.match((await runPerch(runtime, ["status"], at)).stdout, /^working .* s1\n$/s);
    const stranger = await runPerch(runtime, ["status", "--url", url]);
    assert.equal([stranger.code, stranger.stdout], [1, ""]);
    assert.match(stranger.stderr, /^perch: The broker refused to tell \(401\): .*PERCH_TOKEN or --token-file\n$/);
    assert.is((await runPerch(runtime, ["status", "--url", url], { PERCH_TOKEN: token })).code, 0);
    assert.is((await runPerch(runtime, ["status", "--url", url, "--token-file", join(stateDir, "token")])).code, 0);
    const watch = startPerch(runtime, ["watch"], at);
    await watch.lines.next("session", (line) => line.includes("s1  working"));
    assert.is((await runPerch(runtime, ["token", "rotate"], at)).code, 0);
    const { code, stderr } = await watch.ended;
    assert.equal([code, /can't be watched: /.test(stderr)], [1, true], stderr);
  },
);

test("without a broker nothing is found, and connecting fails with a code", async (_start, runtime) => {
  const folder = newStateDir();
  const body = `
    const error = await local.connect().catch((error) => error);
    return [await local.findBroker() ?? null, error.name, error.code, error.message];`;
  const { said, run } = await program(runtime, folder, body);
  assert.is(run.code, 0, run.stderr);
  assert.equal([at(said, 0), at(said, 1), at(said, 2)], [null, "SpawnError", "no_broker"]);
  assert.match(String(at(said, 3)), /No broker runs on the state folder .*: start one with "perch", or pass spawn: true/);
});

test("one that is started goes on without its program, and is found by the next", async (_start, runtime) => {
  const folder = newStateDir();
  const connectOnce = (options: string): string =>
    `${UNTIL_LIVE}
    const connection = await local.connect(${options});
    await until(connection);
    connection.close();
    return (await local.findBroker()).pid;`;
  try {
    const first = await program(runtime, folder, connectOnce(SPAWN));
    assert.equal([first.run.code, first.run.stderr], [0, ""]);
    const pid = Number(first.said);
    assert.ok(pid > 1 && process.kill(pid, 0));
    if (process.platform === "linux") {
      const command = execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
      assert.match(command, runtime === "node" ? /node .*mod\.ts serve/ : /deno run -A .*mod\.ts serve/);
    }
    const second = await program(runtime, folder, connectOnce(SPAWN));
    assert.is(second.said, pid);
  } finally {
    await endBroker(folder);
  }
});

test("programs that start one at the same time end up with the same", async (_start, runtime) => {
  const folder = newStateDir();
  const other: Runtime = runtime === "node" ? "deno" : "node";
  const body = `${UNTIL_LIVE}
    const connection = await local.connect({ spawn: { flags: ["--port", "0"], withinMs: 40_000 } });
    await until(connection);
    connection.close();
    return (await local.findBroker()).pid;`;
  try {
    const programs = await Promise.all([runtime, runtime, other].map((each) => program(each, folder, body)));
    assert.equal(programs.map(({ run }) => run.code), [0, 0, 0], programs.map(({ run }) => run.stderr).join());
    assert.is(new Set(programs.map(({ said }) => said)).size, 1);
  } finally {
    await endBroker(folder);
  }
});

test("what can't be started says so, and how to see why", async (_start, runtime) => {
  const folder = newStateDir();
  const body = `
    const codes = [];
    const tries = [
      { command: ["/no/such/program"] },
      { flags: ["--port", "nonsense"] },
      { command: ["sleep"], flags: ["--nonsense"] },
      { command: ["sh", "-c", "sleep 3"], withinMs: 300 },
    ];
    for (const spawn of tries) {
      const error = await local.connect({ spawn }).catch((error) => error);
      codes.push(error.code + ": " + error.message);
    }
    return codes;`;
  const { said, run } = await program(runtime, folder, body);
  assert.is(run.code, 0, run.stderr);
  assert.match(String(at(said, 0)), /^not_started: Cannot run \/no\/such\/program: /);
  assert.match(
    String(at(said, 1)),
    /^not_started: The broker was started and ended with exit code 2: run it by hand .* --port nonsense$/,
  );
  assert.match(
    String(at(said, 2)),
    /^not_started: The broker was started and ended with exit code 1: run it by hand .*sleep serve/,
  );
  assert.match(String(at(said, 3)), /^late: The broker was started, but nothing answered within 300 ms: run it by hand /);
});

test("a folder that can't be used is told as such", async (_start, runtime) => {
  const file = join(newStateDir(), "file");
  writeFileSync(file, "");
  const body = `return await local.connect({ spawn: true }).catch(({ name, code }) => [name, code]);`;
  assert.equal((await program(runtime, file, body)).said, ["FolderError", "unusable"]);
});

test.run();
