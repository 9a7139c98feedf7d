// runtime: node
// limit: 300 s
/** One broker for each state folder: who has it, how it is found, how it goes on to another. */

import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { VERSION } from "../../src/version.ts";
import { commandFor, type Runtime, type ServerProcess, startServer } from "../support/broker-process.ts";
import { ask } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { openSse } from "../support/sse-reader.ts";
import { newStateDir } from "../support/state-dir.ts";
import { greeting } from "../support/stream-reader.ts";
import { runPerch, startCommand, startPerch } from "./_perch.ts";
import { serverContract } from "./server.ts";

const test = serverContract("the state folder");

const LISTENING = /^perch listening on (http:\/\/127\.0\.0\.1:([0-9]+)) /m;
const RUNTIMES: readonly Runtime[] = ["node", "deno"];
const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

/** What `perch serve` says that is refused on this folder. */
async function refusedOn(runtime: Runtime, folder: string, ...flags: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runPerch(runtime, ["serve", "--port", "0", "--state-dir", folder, ...flags]);
  assert.equal({ code, stdout }, { code: 1, stdout: "" }, stderr);
  assert.match(stderr, /^perch: .+\n$/);
  return stderr;
}

const discoveryOf = ({ stateDir }: ServerProcess): unknown =>
  parseOrUndefined(readFileSync(join(stateDir, "broker.json"), "utf8"));

test("a broker writes down where it is, and takes that back at its end", async (start) => {
  const before = Date.now();
  const perch = await start();
  const { pid, url, stateDir } = perch;
  const found = discoveryOf(perch);
  const startedAt = Number(at(found, "startedAt"));
  assert.equal(found, { version: VERSION, pid, startedAt, url });
  assert.ok(before <= startedAt && startedAt <= Date.now());
  perch.signal("SIGTERM");
  await perch.exited;
  assert.not.ok(existsSync(join(stateDir, "broker.json")));
});

test("a second broker, of whichever runtime, says where the first one runs and exits with 1", async (start) => {
  const first = await start("--store", "memory");
  for (const runtime of RUNTIMES) {
    const said = await refusedOn(runtime, first.stateDir);
    assert.ok(
      said.includes(`already runs on the state folder ${first.stateDir}: at ${first.url}, process ${first.pid}.`),
      said,
    );
  }
  assert.is((await ask(`${first.url}/healthz`)).status, 200);
});

test("after kill -9 the next broker starts at once, with the same root token", async (start) => {
  const folder = newStateDir();
  const first = await start("--state-dir", folder);
  const { token } = first;
  for (let round = 0; round < 3; round++) {
    const killed = round === 0 ? first : await start("--state-dir", folder);
    killed.signal("SIGKILL");
    await killed.exited;
    assert.ok(existsSync(join(folder, "broker.json")), "what it left is what the next one must cope with");
  }
  const last = await start("--state-dir", folder);
  assert.is(at(discoveryOf(last), "pid"), last.pid);
  assert.is(last.token, token);
});

test("a broker that was stopped is not taken for dead", async (start, runtime) => {
  const first = await start();
  first.signal("SIGSTOP");
  assert.match(await refusedOn(runtime, first.stateDir), new RegExp(`process ${first.pid}\\.`));
  first.signal("SIGCONT");
  assert.is((await ask(`${first.url}/healthz`)).status, 200);
});

test("--replace has the first leave in order, and its readers are told", async (_start, runtime) => {
  const stateDir = newStateDir();
  const other: Runtime = runtime === "node" ? "deno" : "node";
  const begin = (on: Runtime) =>
    startServer([...commandFor(on), "mod.ts", "serve", "--port", "0", "--replace", "--state-dir", stateDir], LISTENING);
  const brokers = [await begin(runtime)];
  try {
    for (const next of [other, runtime]) {
      const present = brokers.at(-1);
      const told = await openSse(`${present?.url}/events`);
      await greeting(told);
      const successor = await begin(next);
      brokers.push(successor);
      assert.is(at((await told.messages.next("bye", ({ type }) => type === "bye")).data, "reason"), "shutdown");
      assert.equal(await present?.exited, { code: 0, signal: null });
      assert.is(at(discoveryOf(successor), "pid"), successor.pid);
      assert.is((await ask(`${successor.url}/healthz`)).status, 200);
    }
  } finally {
    for (const { signal } of brokers) signal("SIGKILL");
    await Promise.all(brokers.map(({ exited }) => exited));
  }
});

test("--replace without a broker just starts one, and gives up on one that does not leave", async (start, runtime) => {
  const first = await start("--replace");
  first.signal("SIGSTOP");
  const said = await refusedOn(runtime, first.stateDir, "--replace");
  assert.match(said, new RegExp(`The broker at ${first.url} \\(process ${first.pid}\\) has not left .* within 10 s`));
  assert.not.ok(existsSync(join(first.stateDir, "leave.json")));
  first.signal("SIGCONT");
  assert.is((await ask(`${first.url}/healthz`)).status, 200);
});

test("of brokers that start at once, on whichever runtime, one stays and the others say so", async () => {
  const stateDir = newStateDir();
  const env = { PERCH_STATE_DIR: stateDir };
  const started = [...RUNTIMES, ...RUNTIMES].map((runtime) => startPerch(runtime, ["--port", "0"], env));
  let isOver = false;
  const refused: string[] = [];
  for (const { ended } of started) {
    ended.then(({ code, stderr }) => isOver || refused.push(`${code} ${stderr}`)).catch(() => {}); // whoever waits for it is told
  }
  const allBut = async (): Promise<void> => {
    while (refused.length < started.length - 1) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await within(15_000, "end of all brokers but one", allBut());
  isOver = true;
  for (const text of refused) {
    assert.match(text, /^1 perch: A Perch broker (?:already runs on|that is starting or ending has) /);
  }
  const left = started.filter(({ stderr }) => stderr.includes("perch listening on "));
  assert.is(left.length, 1);
  left[0]?.signal("SIGTERM");
  assert.is((await left[0]?.ended)?.code, 0);
});

test("folder and files are closed to others, whatever the umask", async (_start, runtime) => {
  const folder = join(newStateDir(), "made by perch", "state");
  for (const umask of ["000", "777"]) {
    const command = [...commandFor(runtime), "mod.ts", "token"].join(" ");
    const made = startCommand(["sh", "-c", `umask ${umask} && exec ${command}`], { PERCH_STATE_DIR: folder });
    assert.equal(await made.ended.then(({ code, stderr }) => ({ code, stderr })), { code: 0, stderr: "" });
    assert.is(modeOf(folder), "700");
    for (const name of ["token", "tokens.json", "lock", "tokens.lock"]) assert.is(modeOf(join(folder, name)), "600", name);
  }
});

test("a folder and files that are open to others are closed", async (start) => {
  const folder = newStateDir();
  const first = await start("--state-dir", folder);
  first.signal("SIGTERM");
  await first.exited;
  chmodSync(folder, 0o755);
  for (const name of ["token", "tokens.json", "lock"]) chmodSync(join(folder, name), 0o644);
  const second = await start("--state-dir", folder);
  assert.equal([folder, ...["token", "tokens.json", "lock", "broker.json"].map((name) => join(folder, name))].map(modeOf), [
    "700",
    ...Array.from({ length: 4 }, () => "600"),
  ]);
  assert.is(second.token.length, 60);
});

test("what can't be the folder is refused with its name and what to do", async (_start, runtime) => {
  const file = join(newStateDir(), "file");
  writeFileSync(file, "");
  const shared = newStateDir();
  writeFileSync(join(shared, "thesis.txt"), "");
  chmodSync(shared, 0o755);
  const inFile = join(file, "below");
  const planted = newStateDir();
  mkdirSync(join(planted, "tokens.json"));
  const broken = newStateDir();
  writeFileSync(join(broken, "tokens.json"), "{");
  const lockless = newStateDir();
  writeFileSync(join(lockless, "lock"), "this is no database".repeat(100));
  const cases: readonly (readonly [string, RegExp])[] = [
    [file, /is no folder, so no state can be kept there\. Name another with --state-dir/],
    [inFile, /^perch: Cannot use .* as the state folder: .*Not a directory.*Name another/i],
    [shared, /is open to other users and holds other things than Perch's/],
    [planted, /tokens\.json is no file: remove it/],
    [lockless, /^perch: Cannot use the state folder .*: file is not a database/],
    [broken, /tokens\.json is no list of tokens .*: mend it, or remove it/],
  ];
  for (const [folder, says] of cases) assert.match(await refusedOn(runtime, folder), says);
});

if (process.getuid?.() === 0) {
  test("a folder of another user is refused", async (_start, runtime) => {
    const folder = newStateDir();
    chownSync(folder, 65_534, 65_534);
    assert.match(await refusedOn(runtime, folder), /belongs to another user, who could read the tokens\. Name another/);
  });
}

/** A mount of its own goes with the process that made it. */
const inMount = (folder: string, mode: string, then: string): string[] => [
  "unshare",
  "--mount",
  "sh",
  "-c",
  `mount -t tmpfs -o ${mode} none '${folder}' && ${then}`,
];

if (spawnSync("unshare", inMount(newStateDir(), "ro", "true").slice(1)).status === 0) {
  test("a folder that can't be written is refused, also one that was used before", async (_start, runtime) => {
    const folder = newStateDir();
    const perch = [...commandFor(runtime), "mod.ts"].join(" ");
    const serve = `exec ${perch} serve --port 0 --state-dir '${folder}'`;
    const used = `${perch} token --state-dir '${folder}' >&2 && mount -o remount,ro '${folder}' && ${serve}`;
    for (const command of [inMount(folder, "ro", serve), inMount(folder, "rw", used)]) {
      const { code, stdout, stderr } = await startCommand(command).ended;
      assert.equal([code, stdout], [1, ""]);
      assert.match(stderr, /^perch: Cannot use .* as the state folder: .*read-?only.*\n$/im);
    }
  });
}

test.run();
