import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCli } from "../../src/cli/main.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { answering, FakeIo, FakeTerminal, runFake, visible } from "./_fake-io.ts";
import { change, FakeStream, greeting, sessionData, settle, stateData } from "./_fake-stream.ts";

const WORKING = sessionData({ id: "s1", state: "working", title: "Fix it" });
const ONE = stateData("working", { working: 1 });
const LONGEST_WAIT_MS = 31_000;

/** A `perch watch` that is live with one session. */
async function startWatch(args: readonly string[] = [], terminal?: (io: () => FakeIo) => FakeTerminal, env = {}) {
  const stream = new FakeStream();
  const screen = terminal?.(() => io);
  const io: FakeIo = new FakeIo({ fetch: stream.fetch, env, ...(screen === undefined ? {} : { terminal: screen }) });
  const opened = stream.opened();
  const ended = runCli(["watch", ...args], io);
  await opened;
  stream.send(...greeting(1, ONE, [WORKING]));
  await settle();
  return { stream, io, ended, screen };
}

/** What was said on stdout since the last call. */
function take(io: FakeIo): string {
  const { out } = io;
  io.out = "";
  return out;
}

test("--json prints every change and every status, one JSON value per line", async () => {
  const { stream, io, ended } = await startWatch(["--json"]);
  stream.send(change(2, { ...WORKING, title: "New\ntitle" }));
  await settle();
  stream.down();
  await settle();
  io.stop();
  assert.is(await ended, 0);
  const values = io.out.trimEnd().split("\n").map(parseOrUndefined);
  const types = values.map((value) => [at(value, "type"), at(value, "id") ?? at(value, "data", "phase")]);
  assert.equal(types, [
    ["status", "connecting"],
    ["snapshot", "abcdefgh.1"],
    ["status", "live"],
    ["session", "abcdefgh.2"],
    ["status", "stale"],
  ]);
  assert.is(at(values[3], "data", "title"), "New\ntitle");
  assert.is(at(values[4], "data", "cause", "code"), "lost");
  assert.type(at(values[4], "data", "retryInMs"), "number");
  assert.is(io.err, "");
});

test("without a terminal each change is a line, and the loss of the stream is told on stderr", async () => {
  const { stream, io, ended } = await startWatch();
  assert.match(take(io), /^\S+ {2}all {2}working {2}1 session: 1 working\n\S+ {2}s1 {2}working {2}Fix it\n$/);
  stream.send(change(2, { ...WORKING, state: "waiting", pose: "review" }));
  await settle();
  assert.match(take(io), /^\S+ {2}s1 {2}waiting {2}Fix it\n$/);
  stream.down();
  await settle();
  assert.match(io.err, /^perch: STALE for 0s \(next try in [01]s\): The broker ended the stream\n$/);
  stream.up();
  const again = stream.opened();
  io.clock.advance(LONGEST_WAIT_MS);
  await again;
  stream.send(...greeting(2, ONE, [WORKING]));
  await settle();
  assert.match(io.err, /\nperch: LIVE\n$/);
  assert.not.match(visible(take(io)), /␛/);
  io.stop();
  assert.is(await ended, 0);
});

const wide = (io: () => FakeIo): FakeTerminal => new FakeTerminal(60, 10, io);

test("takes the terminal over, draws in place, and gives it back", async () => {
  const { io, ended, screen } = await startWatch([], wide);
  io.clock.advance(100);
  assert.ok(io.out.startsWith("\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H"), JSON.stringify(io.out));
  assert.ok(screen?.isTaken);
  assert.match(visible(io.out), /␛\[H␛\[34;1mworking␛\[0m {2}1 session: 1 working␛\[K\r\n/);
  io.stop();
  assert.is(await ended, 0);
  assert.ok(io.out.endsWith("\x1b[?7h\x1b[?25h\x1b[?1049l"), JSON.stringify(io.out));
  assert.equal({ isTaken: screen?.isTaken, listeners: screen?.listenerCount }, { isTaken: false, listeners: 0 });
  assert.is(io.clock.pending, 0);
});

test("draws many changes at once, and each second for the ages", async () => {
  const { stream, io, ended } = await startWatch([], wide);
  io.clock.advance(100);
  take(io);
  for (let seq = 2; seq < 200; seq++) stream.send(change(seq, { ...WORKING, activity: `step ${seq}` }));
  await settle();
  io.clock.advance(50);
  const drawn = take(io);
  assert.is(drawn.split("\x1b[H").length, 2);
  assert.match(drawn, /step 199/);
  io.clock.advance(1_000);
  assert.match(take(io), / 1s /);
  io.stop();
  await ended;
});

test("draws anew in the new size", async () => {
  const { io, ended, screen } = await startWatch([], wide, { NO_COLOR: "1" });
  io.clock.advance(100);
  take(io);
  screen?.resize(12, 4);
  io.clock.advance(50);
  const lines = take(io).replace("\x1b[H", "").replace("\x1b[J", "").split("\x1b[K").map((line) => line.replace("\r\n", ""));
  assert.equal(lines, ["working  1 …", "", "STATE", "working", ""]);
  io.stop();
  await ended;
});

test("the screen says STALE while the stream is dead, counts down, and is live again", async () => {
  const { stream, io, ended } = await startWatch([], wide);
  stream.down();
  await settle();
  io.clock.advance(50);
  assert.match(visible(take(io)), /␛\[7mSTALE for 0s \(next try in [01]s\): The broker ended the stream␛\[0m/);
  io.clock.advance(1_000);
  await settle();
  io.clock.advance(1_000);
  await settle();
  io.clock.advance(50);
  assert.match(take(io), /STALE for 2s \([^)]*\): Cannot reach /);
  stream.up();
  const again = stream.opened();
  io.clock.advance(LONGEST_WAIT_MS);
  await again;
  stream.send(...greeting(1, ONE, [WORKING]));
  await settle();
  take(io);
  io.clock.advance(1_000);
  assert.not.match(take(io), /STALE|CONNECTING/);
  io.stop();
  assert.is(await ended, 0);
});

test("waits for a broker that is not there yet", async () => {
  const stream = new FakeStream();
  stream.down();
  const io = new FakeIo({ fetch: stream.fetch });
  const ended = runCli(["watch"], io);
  await settle();
  assert.match(io.err, /^perch: CONNECTING \(next try in [01]s\): Cannot reach http:\S+ fetch failed: connect ECONNREFUSED/);
  const opened = stream.opened();
  stream.up();
  io.clock.advance(LONGEST_WAIT_MS);
  await opened;
  io.stop();
  assert.is(await ended, 0);
});

test("gives up, and the terminal back, when the broker wants nothing to do with it", async () => {
  const io: FakeIo = new FakeIo({
    fetch: answering(403, { code: "missing_scope", detail: "No\x1b entry" }),
    terminal: wide(() => io),
  });
  assert.is(await runCli(["watch"], io), 1);
  assert.is(io.err, "perch: The broker at http://127.0.0.1:7857 can't be watched: No\uFFFD entry\n");
  assert.ok(io.out.endsWith("\x1b[?1049l"));
  assert.is(io.clock.pending, 0);
});

test("gives up when what answers is no stream", async () => {
  const { code, err } = await runFake(["watch"], { fetch: answering(404, { error: "not_found" }) });
  assert.is(code, 1);
  assert.match(err, /^perch: The broker at http:\S+ can't be watched: .*404\n$/);
});

test.run();
