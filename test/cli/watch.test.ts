import { test } from "uvu";
import * as assert from "uvu/assert";
import { runCli } from "../../src/cli/main.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { answering, FakeIo, FakeTerminal, runFake, visible } from "./_fake-io.ts";
import { change, FakeStream, greeting, sessionData, settle, stateData } from "./_fake-stream.ts";

const WORKING = sessionData({ id: "s1", state: "working", title: "Fix it" });
const ONE = stateData("working", { working: 1 });
const LONGEST_WAIT_MS = 31_000;
const PATIENCE_MS = 10_000;

type Args = readonly string[];
type Env = Readonly<Record<string, string>>;

/** A `perch watch` whose stream has sent one session. */
async function startWatch(args: Args = [], makeTerminal?: (io: () => FakeIo) => FakeTerminal, env: Env = {}) {
  const stream = new FakeStream();
  const terminal = makeTerminal?.(() => io);
  const io: FakeIo = new FakeIo({ fetch: stream.fetch, env, ...(terminal === undefined ? {} : { terminal }) });
  const opened = stream.opened();
  const ended = runCli(["watch", ...args], io);
  await opened;
  stream.send(...greeting(1, ONE, [WORKING]));
  return { stream, io, ended, terminal };
}

/**
 * Waits until what is said on stdout (or stderr) since the last wait has `sought` in it, and returns it.
 *
 * @param stepMs How much time of the fake clock passes between two looks.
 */
async function said(io: FakeIo, sought: RegExp, stepMs = 0, where: "out" | "err" = "out"): Promise<string> {
  const until = performance.now() + PATIENCE_MS;
  while (!sought.test(visible(io[where]))) {
    if (performance.now() > until) throw new Error(`No ${sought} came, but ${JSON.stringify(io[where].slice(-300))}`);
    await settle();
    io.clock.advance(stepMs);
  }
  const text = visible(io[where]);
  io[where] = "";
  return text;
}

/** Waits until the screen shows `sought`. */
const drawn = (io: FakeIo, sought: RegExp): Promise<string> => said(io, sought, 50);

test("--json prints every change and every status, one JSON value per line", async () => {
  const { stream, io, ended } = await startWatch(["--json"]);
  const start = await said(io, /"live"/);
  stream.send(change(2, { ...WORKING, title: "New\ntitle" }));
  const news = await said(io, /New/);
  stream.down();
  const end = await said(io, /"stale"/);
  io.stop();
  assert.is(await ended, 0);
  const values = (start + news + end).trimEnd().split("\n").map(parseOrUndefined);
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
  assert.equal([io.out, io.err], ["", ""]);
});

test("without a terminal each change is a line, and the loss of the stream is told on stderr", async () => {
  const { stream, io, ended } = await startWatch();
  assert.match(await said(io, /Fix it/), /^\S+ {2}all {2}working {2}1 session: 1 working\n\S+ {2}s1 {2}working {2}Fix it\n$/);
  stream.send(change(2, { ...WORKING, state: "waiting", pose: "review" }));
  assert.match(await said(io, /waiting/), /^\S+ {2}s1 {2}waiting {2}Fix it\n$/);
  stream.down();
  const lost = await said(io, /STALE/, 0, "err");
  assert.match(lost, /^perch: STALE for 0s \(next try in 1s\): the connection broke\n$/);
  stream.up();
  const again = stream.opened();
  io.clock.advance(LONGEST_WAIT_MS);
  await again;
  stream.send(...greeting(2, ONE, [WORKING]));
  assert.is(await said(io, /LIVE/, 0, "err"), "perch: LIVE\n");
  io.stop();
  assert.is(await ended, 0);
  assert.not.match(visible(io.out), /␛/);
});

/** Breaks the stream off; a broker with a log of its own, and without sessions, answers the next try. */
async function restart(stream: FakeStream, io: FakeIo, epoch: string): Promise<void> {
  stream.down();
  await settle();
  await settle();
  stream.up();
  const again = stream.opened();
  io.clock.advance(LONGEST_WAIT_MS);
  await again;
  stream.send(...greeting(0, stateData("idle", {}), [], epoch));
}

test("without a terminal a restart is told on stderr, and each session that is gone with it on stdout", async () => {
  const { stream, io, ended } = await startWatch();
  stream.send(change(2, { ...WORKING, id: "s2", state: "waiting" }));
  stream.send({ type: "session.gone", id: "abcdefgh.3", data: { id: "s1", reason: "ended" } });
  await said(io, /s1 {2}gone {2}ended/);
  await restart(stream, io, "newlogxx");
  assert.match(await said(io, /no sessions/), /^\S+ {2}s2 {2}gone {2}broker restarted\n\S+ {2}all {2}idle {2}no sessions\n$/);
  const told = "perch: RESTARTED: the broker knows nothing of what was shown before\nperch: LIVE\n";
  assert.ok((await said(io, /LIVE/, 0, "err")).endsWith(told));
  io.stop();
  assert.is(await ended, 0);
});

test("--json tells of a restart", async () => {
  const { stream, io, ended } = await startWatch(["--json"]);
  await said(io, /"live"/);
  await restart(stream, io, "newlogxx");
  const lines = (await said(io, /"live"/)).trimEnd().split("\n");
  assert.equal(lines.slice(-3).map((line) => at(parseOrUndefined(line), "type")), ["reset", "snapshot", "status"]);
  assert.is(lines.at(-3), '{"type":"reset","data":{"reason":"epoch"}}');
  io.stop();
  assert.is(await ended, 0);
});

test("the screen says that the broker was restarted", async () => {
  const { stream, io, ended } = await startWatch([], (io) => new FakeTerminal(80, 10, io));
  await drawn(io, /Fix it/);
  await restart(stream, io, "newlogxx");
  await drawn(io, /no sessions␛\[K\r\n␛\[7mRESTARTED \ds ago: the broker knows nothing of what was shown before␛\[0m/);
  io.stop();
  assert.is(await ended, 0);
});

const wide = (io: () => FakeIo): FakeTerminal => new FakeTerminal(60, 10, io);

test("takes the terminal over, draws in place, and gives it back", async () => {
  const { io, ended, terminal } = await startWatch([], wide);
  const screens = await drawn(io, /Fix it/);
  assert.ok(screens.startsWith("␛[?1049h␛[?25l␛[?7l␛[H"), screens);
  assert.match(screens, /␛\[H␛\[34;1mworking␛\[0m {2}1 session: 1 working␛\[K\r\n/);
  assert.ok(terminal?.isTaken);
  io.stop();
  assert.is(await ended, 0);
  assert.ok(visible(io.out).endsWith("␛[?7h␛[?25h␛[?1049l"), JSON.stringify(io.out));
  assert.equal({ isTaken: terminal?.isTaken, listeners: terminal?.listenerCount }, { isTaken: false, listeners: 0 });
  assert.is(io.clock.pending, 0);
});

test("draws many changes at once, and each second for the ages", async () => {
  const { stream, io, ended } = await startWatch([], wide);
  await drawn(io, /Fix it/);
  const before = io.clock.now();
  for (let seq = 2; seq < 200; seq++) stream.send(change(seq, { ...WORKING, activity: `step ${seq}` }));
  const draws = (await drawn(io, /step 199/)).split("␛[H").length - 1;
  const most = (io.clock.now() - before) / 50;
  assert.ok(draws <= most && draws < 100, `${draws} draws for 198 changes in ${most} times 50 ms`);
  io.clock.advance(1_000);
  assert.match(io.out, / \ds /);
  io.stop();
  await ended;
});

test("draws anew in the new size", async () => {
  const { io, ended, terminal } = await startWatch([], wide, { NO_COLOR: "1" });
  await drawn(io, /Fix it/);
  terminal?.resize(12, 4);
  io.clock.advance(50);
  const lines = visible(io.out).replace("␛[H", "").replace("␛[J", "").split("␛[K").map((line) => line.replace("\r\n", ""));
  assert.equal(lines, ["working  1 …", "", "STATE", "working", ""]);
  io.stop();
  await ended;
});

test("the screen says STALE while the stream is dead, counts down, and is live again", async () => {
  const { stream, io, ended } = await startWatch([], wide);
  await drawn(io, /Fix it/);
  stream.down();
  await drawn(io, /␛\[7mSTALE for 0s \(next try in 1s\): the connection broke␛\[0m/);
  await drawn(io, /STALE for 2s \([^)]*\): no broker answers at /);
  stream.up();
  const again = stream.opened();
  io.clock.advance(LONGEST_WAIT_MS);
  await again;
  stream.send(...greeting(1, ONE, [WORKING]));
  await drawn(io, /␛\[H␛\[34;1mworking/);
  io.clock.advance(1_000);
  assert.not.match(io.out, /STALE|CONNECTING/);
  io.stop();
  assert.is(await ended, 0);
});

test("waits for a broker that is not there yet", async () => {
  const stream = new FakeStream();
  stream.down();
  const io = new FakeIo({ fetch: stream.fetch });
  const ended = runCli(["watch"], io);
  const text = await said(io, /CONNECTING/, 0, "err");
  assert.match(text, /^perch: CONNECTING \(next try in 1s\): no broker answers at http:\/\/127\.0\.0\.1:7857\n$/);
  const opened = stream.opened();
  stream.up();
  io.clock.advance(LONGEST_WAIT_MS);
  await opened;
  io.stop();
  assert.is(await ended, 0);
});

test("gives up, and the terminal back, when the broker wants nothing to do with it", async () => {
  const refusal = { code: "missing_scope", detail: "No\x1b entry" };
  const io: FakeIo = new FakeIo({ fetch: answering(403, refusal), terminal: wide(() => io) });
  assert.is(await runCli(["watch"], io), 1);
  assert.is(io.err, "perch: The broker at http://127.0.0.1:7857 can't be watched: No\uFFFD entry\n");
  assert.ok(visible(io.out).endsWith("␛[?1049l"));
  assert.is(io.clock.pending, 0);
});

test("gives up when what answers is no stream", async () => {
  const { code, err } = await runFake(["watch"], { fetch: answering(404, { error: "not_found" }) });
  assert.is(code, 1);
  assert.match(err, /^perch: The broker at http:\S+ can't be watched: .*404\n$/);
});

test.run();
