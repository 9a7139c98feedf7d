// runtime: node
/** The commands that talk to a broker, as processes. */

import { existsSync } from "node:fs";
import * as assert from "uvu/assert";
import { VERSION } from "../../src/version.ts";
import { commandFor, type Runtime } from "../support/broker-process.ts";
import { post } from "../support/http.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { type RunningPerch, runPerch, startCommand, startPerch } from "./_perch.ts";
import { serverContract } from "./server.ts";

const test = serverContract("perch commands");

const EVENT = { kind: "tool.start", sessionId: "s1", toolUseId: "t1", tool: "bash", title: "Fix it" };

test("an event goes in with one command and comes out with another", async (start, runtime) => {
  const { url, token } = await start();
  const event = ["event", "tool.start", "--session", "s1", "--agent", "codex", "--title", "Fix\x1b[2J it", "--tool", "bash"];
  const taken = await runPerch(runtime, [...event, "--url", url]);
  assert.equal({ ...taken, stdout: "" }, { code: 0, signal: null, stdout: "", stderr: "" });
  assert.match(taken.stdout, /^taken, the log is at [A-Za-z0-9]{10}\.\d+\n$/);

  const shown = await runPerch(runtime, ["status"], { PERCH_URL: url, PERCH_TOKEN: token });
  assert.equal({ code: shown.code, stderr: shown.stderr }, { code: 0, stderr: "" });
  assert.match(
    shown.stdout,
    /^working {2}1 session: 1 working\n\nSTATE .*\nworking {2}\d+s +codex {2}Fix\uFFFD\[2J it {2}bash {3}s1\n$/,
  );

  const json = await runPerch(runtime, ["status", "--json", "--url", url], { PERCH_TOKEN: token });
  const snapshot = parseOrUndefined(json.stdout);
  assert.is(json.stdout.trimEnd().indexOf("\n"), -1);
  assert.equal([at(snapshot, "state", "state"), at(snapshot, "sessions", 0, "title")], ["working", "Fix\x1b[2J it"]);
});

test("status, event and watch find the broker where the variables of serve say", async (start, runtime) => {
  const { port } = await start();
  const env = { PERCH_PORT: String(port), PERCH_HOST: "0.0.0.0", MAVIS_PET_BROKER_PORT: "1" };
  const taken = await runPerch(runtime, ["event", "prompt.submit", "--session", "here"], env);
  assert.equal({ code: taken.code, stderr: taken.stderr }, { code: 0, stderr: "" });
  const theirs = { MAVIS_PET_BROKER_PORT: String(port), MAVIS_PET_BROKER_HOST: "127.0.0.1" };
  assert.match((await runPerch(runtime, ["status"], theirs)).stdout, / here\n$/);
  const watch = startPerch(runtime, ["watch"], env);
  await watch.lines.next("session", (line) => line.includes("here  "));
  watch.signal("SIGHUP");
  assert.is((await watch.ended).code, 0);
});

if (existsSync("/dev/full")) {
  test("what can't be written to stdout is exit code 1 and one line", async (start, runtime) => {
    const { url } = await start();
    for (const args of ["status", "status --json", "watch", "--help"]) {
      const command = [...commandFor(runtime), "mod.ts", ...args.split(" "), ...args === "--help" ? [] : ["--url", url]];
      const { code, stderr } = await startCommand(["sh", "-c", `exec ${command.join(" ")} >/dev/full`]).ended;
      assert.is(code, 1, args);
      assert.match(stderr, /^perch: Cannot write to stdout: .*no space left on device.*\n$/i, args);
    }
  });
}

test("what the broker finds wrong with an event is exit code 2", async (start, runtime) => {
  const { url } = await start();
  const { code, stdout, stderr } = await runPerch(runtime, ["event", "tool.start", "--session", "a b", "--url", url]);
  assert.equal({ code, stdout }, { code: 2, stdout: "" });
  assert.match(stderr, /^perch: The field "sessionId" of the event is "a b": it must be 1 to 128 visible ASCII/);
});

test("without a broker, status and event fail with one line", async (start, runtime) => {
  const gone = await start();
  gone.signal("SIGKILL");
  await gone.exited;
  for (const args of [["status"], ["event", "tool.end", "--session", "s"]]) {
    const { code, stdout, stderr } = await runPerch(runtime, [...args, "--url", gone.url]);
    assert.equal({ code, stdout }, { code: 1, stdout: "" });
    assert.ok(stderr.startsWith(`perch: No broker answers at ${gone.url} (`), stderr);
    assert.match(stderr, /refused/i);
    assert.match(stderr, /\): start one with "perch", or name another with --url\n$/);
  }
});

test("--version and --help go to stdout, without color where it is no terminal", async (_start, runtime) => {
  const [version, help] = await Promise.all([runPerch(runtime, ["--version"]), runPerch(runtime, ["watch", "--help"])]);
  assert.equal(version, { code: 0, signal: null, stdout: `${VERSION}\n`, stderr: "" });
  assert.equal({ ...help, stdout: "" }, { code: 0, signal: null, stdout: "", stderr: "" });
  assert.match(help.stdout, /USAGE perch watch/);
  assert.not.ok(help.stdout.includes("\x1b"));
});

/** The next value of `watch --json` of this type. */
async function next(watch: RunningPerch, type: string, phase?: string): Promise<unknown> {
  const isIt = (line: string): boolean => {
    const value = parseOrUndefined(line);
    return at(value, "type") === type && (phase === undefined || at(value, "data", "phase") === phase);
  };
  return at(parseOrUndefined(await watch.lines.next(`${type} ${phase ?? ""}`, isIt)), "data");
}

test("watch --json goes on over a restart of the broker, and says in between that it is stale", async (start, runtime) => {
  const first = await start();
  const watch = startPerch(runtime, ["watch", "--json", "--url", first.url]);
  await next(watch, "status", "live");
  await post(`${first.url}/v1/events`, EVENT);
  assert.is(at(await next(watch, "session"), "id"), "s1");
  first.signal("SIGKILL");
  const stale = await next(watch, "status", "stale");
  assert.type(at(stale, "cause", "detail"), "string");
  await start("--port", String(first.port));
  assert.equal(at(await next(watch, "snapshot"), "sessions"), []);
  await next(watch, "status", "live");
  watch.signal("SIGINT");
  const { code, signal, stderr } = await watch.ended;
  assert.equal({ code, signal, stderr }, { code: 0, signal: null, stderr: "" });
});

test("watch prints plain lines where it is no terminal, and ends at SIGTERM", async (start, runtime) => {
  const { url, token } = await start();
  const watch = startPerch(runtime, ["watch", "--url", url], { PERCH_TOKEN: token });
  await watch.lines.next("first line", (line) => line.endsWith("  all  idle  no sessions"));
  await post(`${url}/v1/events`, EVENT);
  await watch.lines.next("session", (line) => /^\d\d:\d\d:\d\d {2}s1 {2}working {2}Fix it {2}bash$/.test(line));
  watch.signal("SIGTERM");
  const { code, stdout } = await watch.ended;
  assert.is(code, 0);
  assert.not.ok(stdout.includes("\x1b"));
});

test("watch tells of a restart of the broker, and of each session that is gone with it", async (start, runtime) => {
  const first = await start();
  await post(`${first.url}/v1/events`, EVENT);
  const watch = startPerch(runtime, ["watch", "--url", first.url]);
  await watch.lines.next("session", (line) => line.includes("s1  working"));
  first.signal("SIGKILL");
  await first.exited;
  await start("--port", String(first.port));
  await watch.lines.next("gone", (line) => line.endsWith("  s1  gone  broker restarted"));
  await watch.lines.next("aggregate", (line) => line.endsWith("  all  idle  no sessions"));
  watch.signal("SIGTERM");
  const { code, stderr } = await watch.ended;
  assert.is(code, 0);
  assert.match(stderr, /^perch: RESTARTED: the broker knows nothing of what was shown before$/m);
});

test("watch ends in peace when nobody reads it any more", async (start, runtime) => {
  const { url } = await start();
  const watch = startPerch(runtime, ["watch", "--json", "--url", url]);
  await next(watch, "status", "live");
  watch.stopReading();
  for (let i = 0; i < 3; i++) await post(`${url}/v1/events`, { ...EVENT, sessionId: `s${i}` });
  const { code, stderr } = await watch.ended;
  assert.equal({ code, stderr }, { code: 0, stderr: "" });
});

/** Runs `perch` in a terminal that `script` of util-linux makes; `exec`, since a shell between would answer Ctrl-C too. */
function inTerminal(runtime: Runtime, args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningPerch {
  const command = ["exec", ...[...commandFor(runtime), "mod.ts", ...args].map((word) => `'${word}'`)].join(" ");
  return startCommand(["script", "--quiet", "--flush", "--return", "--command", command, "/dev/null"], {
    TERM: "xterm",
    ...env,
  });
}

if (process.platform === "linux") {
  test("in a terminal status has color, and with NO_COLOR none", async (start, runtime) => {
    const { url } = await start();
    await post(`${url}/v1/events`, EVENT);
    const args = ["status", "--url", url];
    const [colored, plain] = await Promise.all([
      inTerminal(runtime, args).ended,
      inTerminal(runtime, args, { NO_COLOR: "1" }).ended,
    ]);
    assert.ok(colored.stdout.includes("\x1b[34;1mworking\x1b[0m"), JSON.stringify(colored.stdout));
    assert.ok(plain.stdout.includes("working  "), JSON.stringify(plain.stdout));
    assert.not.ok(plain.stdout.includes("\x1b[34;1m"), JSON.stringify(plain.stdout));
  });

  test("in a terminal watch draws a table in place, and Ctrl-C gives the terminal back", async (start, runtime) => {
    const { url, token } = await start();
    await post(`${url}/v1/events`, EVENT);
    const watch = inTerminal(runtime, ["watch", "--url", url], { PERCH_TOKEN: token });
    await watch.lines.next("table", (line) => line.includes("Fix it"));
    watch.stdin.write("\x03");
    const { code, stdout } = await watch.ended;
    assert.is(code, 0);
    const places = ["\x1b[?1049h", "\x1b[H", "Fix it", "\x1b[?1049l"].map((part) => stdout.indexOf(part));
    assert.ok(places.every((place, i) => place > (places[i - 1] ?? -1)), JSON.stringify(stdout));
  });
}

test.run();
