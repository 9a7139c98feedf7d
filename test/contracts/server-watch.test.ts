// runtime: node
// limit: 120 s
// hard limit: 1800 s
/**
 * Many clients of all kinds, whose connections break at any moment, beside a busy broker: what each wrote down is held against
 * the log, and must keep the six guarantees of a watch.
 *
 * @module
 */

import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { EVENT_KINDS } from "../../src/core/events.ts";
import { REPLAY_LIMITS } from "../../src/stream.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import { choosePet } from "../support/floater.ts";
import { bearerOf } from "../support/http.ts";
import { IS_HARD, measured, rounds } from "../support/hard.ts";
import { at, listAt } from "../support/json.ts";
import { ALL_TOPICS, ingest, logOf, stateOf } from "../support/log.ts";
import { type Random, SEED, seeded } from "../support/seed.ts";
import { violationsOf } from "../support/watch/guarantees.ts";
import { Recorder, unifier } from "../support/watch/recorder.ts";
import { type Commit, type Entry, Truth } from "../support/watch/truth.ts";
import { TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const CLIENTS = rounds(20, 200);
const EVENTS = rounds(2_000, 50_000);
const SESSIONS = rounds(12, 60);

/** How long a client reads, and how long it is away, at most, in milliseconds. */
const STAY_MS = rounds(700, 6_000);

/** How long a client stays that must hear a heartbeat if it is told nothing else. */
const LONG_STAY_MS = 20_000;
const AWAY_MS = rounds(150, 3_000);

const test = serverContract("the guarantees of a watch", { atOnce: "runtimes" });

const TOPICS = ["state", "pet", "sessions", "events", "sessions,events", "state,pet,sessions", ALL_TOPICS];

/** Clients of each kind: every choice of topics, all sessions or one, over each transport. */
function recordersOf(perch: ServerProcess): Recorder[] {
  const { port } = perch;
  const [unify, headers] = [unifier(), bearerOf(perch)];
  return Array.from({ length: CLIENTS }, (_, number) => {
    const transport = TRANSPORTS[number % 2] ?? "sse";
    const topics = (TOPICS[(number >> 1) % TOPICS.length] ?? "").split(",");
    const session = number % 3 === 0 ? undefined : `s${number % SESSIONS}`;
    return new Recorder({ name: `${transport} ${number}`, transport, topics, session, port, headers, unify });
  });
}

/** The cursor to come back with: mostly the client's own, now and then another that is good. */
function cursorFor(recorder: Recorder, random: Random): string | undefined {
  const choice = random.below(20);
  if (choice === 0) return undefined;
  if (choice === 1) return "earliest";
  if (choice === 2) return "now";
  const seen = recorder.seen();
  return choice === 3 && seen.length > 0 ? random.pick(seen) : recorder.cursor;
}

/** Reads and breaks off, again and again, until it is over; then it comes back for good. */
async function live(recorder: Recorder, random: Random, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await recorder.visit(cursorFor(recorder, random));
    await wait(IS_HARD && random.below(10) === 0 ? LONG_STAY_MS : random.below(STAY_MS));
    if (random.below(8) === 0) {
      recorder.pause(true);
      await wait(random.below(STAY_MS));
      recorder.pause(false);
    }
    recorder.hangUp();
    await wait(random.below(random.below(10) === 0 ? 4 * AWAY_MS : AWAY_MS));
  }
  await recorder.visit(recorder.cursor);
}

/** What was published, and the log as it was read beside it. */
interface Published {
  readonly entries: readonly Entry[];
  readonly batches: readonly Commit[];
}

function randomEvent(random: Random, number: number): unknown {
  const sessionId = `s${random.below(SESSIONS)}`;
  const toolUseId = random.below(2) === 0 ? undefined : `call-${random.below(4)}`;
  return { kind: random.pick(EVENT_KINDS), sessionId, toolUseId, tool: "bash", activity: `${number}`, source: "hook" };
}

/** Publishes batches of 1 to 40 events, and reads the log after each, so that nothing of it is lost. */
async function publishAll(perch: ServerProcess, random: Random): Promise<Published> {
  const entries: Entry[] = [];
  const batches: Commit[] = [];
  let cursor = "earliest";
  const read = async (): Promise<void> => {
    for (const { id, type, seq, data } of await logOf(perch, cursor)) {
      entries.push({ seq, type, json: JSON.stringify(data) });
      cursor = id;
    }
  };
  for (let sent = 0; sent < EVENTS;) {
    const events = Array.from(
      { length: Math.min(1 + random.below(40), EVENTS - sent) },
      (_, index) => randomEvent(random, sent + index),
    );
    const { status, json, text } = await ingest(perch, events);
    assert.is(status, 200, text);
    batches.push([Number(at(json, "seqs", 0)), Number(listAt(json, "seqs").at(-1))]);
    sent += events.length;
    if (random.below(20) === 0) await choosePet(perch, `pet-${sent}`);
    await read();
    await wait(random.below(rounds(40, 60)));
  }
  return { entries, batches };
}

/** Reads the end of the log, after which nothing happens any more for a moment. */
async function readRest(perch: ServerProcess, entries: readonly Entry[], epoch: string): Promise<Entry[]> {
  const rest = await logOf(perch, `${epoch}.${entries.length}`);
  return [...entries, ...rest.map(({ seq, type, data }) => ({ seq, type, json: JSON.stringify(data) }))];
}

test(`hold for ${CLIENTS} clients and ${EVENTS} events over broken connections`, (start, runtime) =>
  seeded(async (random) => {
    const perch = await start("--max-new-streams", "1000");
    const epoch = String(at(await stateOf(perch), "epoch"));
    const clients = recordersOf(perch);
    let isOver = false;
    const lives = Promise.all(clients.map((client) => live(client, random, () => isOver)));
    const { entries, batches } = await publishAll(perch, random).finally(() => isOver = true);
    await lives;
    const end = entries.length;
    await Promise.all(clients.map((client) => client.reach(end, 60_000)));
    const connected = clients.filter(({ isConnected }) => isConnected).length;
    clients.forEach((client) => client.hangUp());
    const kept = { messages: 4096, replay: REPLAY_LIMITS };
    const truth = new Truth(epoch, await readRest(perch, entries, epoch), batches, kept);
    const logs = clients.map((client) => client.log(end));
    const visits = logs.flatMap((log) => log.visits);
    const count = (type: string) => visits.reduce((sum, { told }) => sum + told.filter((one) => one.type === type).length, 0);
    const told = visits.reduce((sum, visit) => sum + visit.told.length, 0);
    const [resets, beats] = [count("reset"), count("heartbeat")];
    measured(
      `${runtime}: ${truth.head} messages in the log, ${told} told, ${visits.length} visits, ${resets} resets, ${beats} heartbeats`,
    );
    assert.is(connected, CLIENTS, "somebody was cut at the end");
    assert.ok(visits.length > 3 * CLIENTS && resets > 0, `only ${visits.length} visits, ${resets} resets`);
    assert.ok(!IS_HARD || beats > 0, "nobody heard a heartbeat");
    const violations = logs.flatMap((log) => violationsOf(log, truth));
    assert.equal(violations.slice(0, 20), [], `${violations.length} violations`);
  }, SEED));

test.run();
