// runtime: node
// limit: 300 s
// hard limit: 3600 s
/**
 * A broker that is killed again and again while it works: what it acknowledged is there, once and in order, and so is all that
 * its readers were told.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { REPLAY_LIMITS } from "../../src/stream.ts";
import { cpuMsOf } from "../bench/lib/process.ts";
import { median } from "../bench/lib/statistics.ts";
import { commandFor, LISTENING, type Runtime, type ServerProcess, startServer } from "../support/broker-process.ts";
import { IS_HARD, measured, rounds } from "../support/hard.ts";
import { ask, bearerOf } from "../support/http.ts";
import { at } from "../support/json.ts";
import { type Logged, logOf, stateOf } from "../support/log.ts";
import { type Random, randomOf, SEED, seeded } from "../support/seed.ts";
import { violationsOf } from "../support/watch/guarantees.ts";
import { Recorder, unifier } from "../support/watch/recorder.ts";
import { Truth } from "../support/watch/truth.ts";
import { Poster } from "./_poster.ts";
import { TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("kill -9", { atOnce: "runtimes" });

const ROUNDS = rounds(25, 500);
const POSTERS = 4;

/** A broker that comes back answers within this, in milliseconds. */
const READY_MS = 1_000;

/** How long a broker works before it is killed, at most, in milliseconds. */
const LIFE_MS = 250;

/** A broker that keeps its log in `folder`, and how long it took until it had answered, also in time of the CPU. */
async function startIn(folder: string, runtime: Runtime, port: string) {
  const begun = performance.now();
  const args = ["mod.ts", "serve", "--state-dir", folder, "--port", port];
  const perch = await startServer([...commandFor(runtime), ...args], LISTENING);
  assert.is((await ask(`${perch.url}/healthz`)).status, 200);
  const readyMs = performance.now() - begun;
  return { perch, start: { readyMs, cpuMs: process.platform === "linux" ? cpuMsOf(perch.pid) : readyMs } };
}

/** How long a start took, in milliseconds. */
interface Start {
  readonly readyMs: number;
  /** Without what others did meanwhile, on Linux. */
  readonly cpuMs: number;
}

/** What all rounds have in common. */
interface Siege {
  readonly folder: string;
  readonly runtime: Runtime;
  readonly posters: readonly Poster[];
  readonly recorders: readonly Recorder[];
  readonly starts: Start[];
}

/** One life of the broker: readers come back, clients post on, and it is killed at some moment. Returns the epoch. */
async function live({ folder, runtime, posters, recorders, starts }: Siege, port: string, random: Random): Promise<unknown> {
  const { perch, start } = await startIn(folder, runtime, port);
  try {
    starts.push(start);
    const epoch = at(await stateOf(perch), "epoch");
    let isOver = false;
    const posting = Promise.all(posters.map((poster) => poster.run(perch.url, () => isOver)));
    await Promise.all(recorders.map((recorder) => recorder.visit(recorder.cursor)));
    await wait(random.below(LIFE_MS));
    perch.signal("SIGKILL");
    await perch.exited;
    isOver = true;
    await posting;
    recorders.forEach((recorder) => recorder.hangUp());
    return epoch;
  } finally {
    perch.signal("SIGKILL");
  }
}

/** The whole log as a broker tells it that was started for the last time, once all posts are settled and all readers know all. */
async function settle({ folder, runtime, posters, recorders, starts }: Siege, port: string) {
  const { perch, start } = await startIn(folder, runtime, port);
  try {
    starts.push(start);
    for (const poster of posters) await poster.settle(perch.url);
    const log = await logOf(perch);
    await Promise.all(recorders.map((recorder) => recorder.visit(recorder.cursor)));
    await Promise.all(recorders.map((recorder) => recorder.reach(log.length, 30_000)));
    recorders.forEach((recorder) => recorder.hangUp());
    const epoch = String(at(await stateOf(perch), "epoch"));
    return { log: [...log, ...await logOf(perch, log.at(-1)?.id)], reached: log.length, epoch };
  } finally {
    perch.signal("SIGKILL");
    await perch.exited;
  }
}

/** Every post is in the log: once, at the place that was acknowledged, and in the order in which its client posted. */
function assertKept(log: readonly Logged[], posters: readonly Poster[]): void {
  const events = log.filter(({ type }) => type === "event");
  const places = new Map(events.map(({ data, seq }) => [at(data, "activity"), seq]));
  const twice = events.filter(({ data, seq }) => places.get(at(data, "activity")) !== seq);
  const first = twice[0];
  const other = first === undefined ? 0 : places.get(at(first.data, "activity"));
  assert.is(twice.length, 0, `${twice.length} events are there twice: ${first?.json} and at ${other}`);
  const acknowledged = posters.flatMap((poster) => poster.acknowledged);
  assert.is(acknowledged.length, events.length, "an event is there that nobody has posted");
  const lost = acknowledged.filter(({ id, seq }) => places.get(id) !== seq);
  assert.equal(lost.slice(0, 5), [], `${lost.length} acknowledged events are lost or elsewhere`);
  for (const poster of posters) {
    const seqs = poster.acknowledged.map(({ seq }) => seq);
    assert.ok(seqs.every((seq, index) => index === 0 || seq > (seqs[index - 1] ?? 0)), "the order was not kept");
  }
}

/** Some readers of all events and some of all sessions, over each transport. */
function recordersOf({ port, token }: Pick<ServerProcess, "port" | "token">): Recorder[] {
  const [unify, headers] = [unifier(), bearerOf({ token })];
  const choices = [["events"], ["state", "sessions", "events"], ["sessions"]];
  return choices.flatMap((topics) =>
    TRANSPORTS.map((transport) =>
      new Recorder({ name: `${transport} ${topics}`, transport, topics, session: undefined, port, headers, unify })
    )
  );
}

test(
  `${ROUNDS} times: nothing that was acknowledged is lost, nothing is there twice, and cursors go on`,
  (_start, runtime) =>
    seeded(async (random) => {
      const folder = mkdtempSync(`${tmpdir()}/perch-kill-`);
      try {
        const first = await firstIn(folder, runtime);
        const port = String(first.port);
        const posters = Array.from({ length: POSTERS }, (_, index) => new Poster(`p${index}`, randomOf(SEED + index)));
        const siege: Siege = { folder, runtime, posters, recorders: recordersOf(first), starts: [] };
        const epochs = new Set<unknown>();
        for (let round = 0; round < ROUNDS; round += 1) epochs.add(await live(siege, port, random));
        const { log, reached, epoch } = await settle(siege, port);
        assert.equal([...epochs], [epoch], "the epoch has changed");
        assert.equal(log.map(({ seq }) => seq), log.map((_, index) => index + 1));
        assertKept(log, posters);
        tell(siege, log);
        const entries = log.map(({ seq, type, data }) => ({ seq, type, json: JSON.stringify(data) }));
        const truth = new Truth(epoch, entries, [], { messages: 4096, replay: REPLAY_LIMITS });
        const violations = siege.recorders.flatMap((recorder) => violationsOf(recorder.log(reached), truth));
        assert.equal(violations, []);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
);

/** The port and the token of a first broker, which the others take after it. */
async function firstIn(folder: string, runtime: Runtime): Promise<Pick<ServerProcess, "port" | "token">> {
  const { perch } = await startIn(folder, runtime, "0");
  const { port, token } = perch;
  perch.signal("SIGTERM");
  await perch.exited;
  return { port, token };
}

function tell({ runtime, posters, starts }: Siege, log: readonly Logged[]): void {
  const sum = (pick: (poster: Poster) => number) => posters.reduce((total, poster) => total + pick(poster), 0);
  const readyMs = starts.map((each) => each.readyMs);
  const [middle, cpu] = [median(readyMs), median(starts.map(({ cpuMs }) => cpuMs))];
  measured(
    `${runtime}: ${sum(({ acknowledged }) => acknowledged.length)} events acknowledged over ${starts.length} starts, ` +
      `${sum(({ duplicates }) => duplicates)} posts told to be duplicates, ${log.length} messages; ready after ` +
      `${middle.toFixed()} ms, at most ${Math.max(...readyMs).toFixed()} ms, for ${cpu.toFixed()} ms of CPU`,
  );
  // A machine that is busy with other tests says nothing about how long it takes.
  assert.ok((IS_HARD ? middle : cpu) < READY_MS, `half of the starts took over ${READY_MS} ms`);
  assert.ok(sum(({ duplicates }) => duplicates) > 0 || ROUNDS < 25, "no post was ever without its answer: this proves little");
}

test.run();
