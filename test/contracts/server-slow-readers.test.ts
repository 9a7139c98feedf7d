// runtime: node
// limit: 300 s
/** Readers that read nothing, or nothing for a while: they cost little, hurt nobody, and end with the truth. @module */

import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { type Heard, readUpTo, seqOf, type StreamReader } from "../support/stream-reader.ts";
import { ALL_TOPICS } from "../support/log.ts";
import { publishBytes } from "../support/pressure.ts";
import { conflatedOf, mirrorOf, truthOf } from "./_mirror.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("slow readers", { atOnce: "runtimes" });

const MIB = 1024 * 1024;
const SOME_TOPICS = "state,sessions,pet";

async function openAll(perch: ServerProcess, topics: string): Promise<readonly StreamReader[]> {
  const readers = await Promise.all(TRANSPORTS.map((transport) => openStream(perch, transport, { topics })));
  for (const reader of readers) await readStart(reader);
  return readers;
}

const isLogged = ({ type }: Heard): boolean => ["state", "session", "session.gone", "pet", "event"].includes(type);

/** Every message of the log up to the cursor, without a hole. */
function assertWhole(told: readonly Heard[], cursor: string): void {
  const seqs = told.map(({ id }) => seqOf(id));
  assert.is(seqs.at(-1), seqOf(cursor));
  const hole = seqs.findIndex((seq, index) => index > 0 && seq !== (seqs[index - 1] ?? 0) + 1);
  assert.is(hole, -1, `after ${seqs[hole - 1]} came ${seqs[hole]}`);
}

/** More than any system buffers for a connection. */
const BUFFERED = 8 * MIB;

/** Resolves after so many milliseconds, once the broker has logged that it cut two readers. */
async function twoCuts(perch: ServerProcess, begun: number): Promise<number> {
  while ((perch.stderr.match(/reader cut/g) ?? []).length < 2) await wait(50);
  return performance.now() - begun;
}

test("cuts readers that read nothing, with little memory and without a loss for the others", async (start, runtime) => {
  const perch = await start.lean();
  const witness = await openStream(perch, "sse", { topics: ALL_TOPICS });
  const ws = await openStream(perch, "ws", { topics: SOME_TOPICS });
  for (const reader of [witness, ws]) await readStart(reader);
  await publishBytes(perch, 40 * MIB, witness); // until the heap of the runtime has found its level
  const before = perch.residentBytes();
  const stalled = await openAll(perch, "state,sessions");
  for (const reader of stalled) reader.pause();
  const begun = performance.now();
  let most = 0;
  const measure = () => most = Math.max(most, perch.residentBytes());
  await publishBytes(perch, BUFFERED, witness, measure);
  const stuckAt = performance.now() - begun;
  const cut = within(60_000, "cut of both stalled readers", twoCuts(perch, begun));
  const ends = cut.then(() =>
    Promise.all(stalled.map(async (reader) => {
      reader.resume();
      return (await within(10_000, "end of a stalled reader", reader.ended)).code;
    }))
  );
  const [last, cutAt, codes] = await Promise.all([publishBytes(perch, 40 * MIB - BUFFERED, witness, measure), cut, ends]);
  assert.ok(cutAt >= 10_000 && cutAt <= stuckAt + 15_000, `cut after ${cutAt} ms, and stuck after ${stuckAt} ms at the latest`);
  assert.equal(codes, [undefined, 4408]);
  const growth = (most - before) / MIB;
  console.log(`  ${runtime}: grew by ${growth.toFixed()} MiB, cut after ${(cutAt / 1_000).toFixed(1)} s`);
  assert.ok(growth <= 60, `the broker grew by ${growth.toFixed()} MiB`);
  await readUpTo(ws, last);
  assertWhole(witness.messages.items.filter(isLogged), last);
  const log = witness.messages.items.filter((message) => isLogged(message) && message.type !== "event");
  assert.equal(countsOf(ws.messages.items.filter(isLogged)), countsOf(log));
});

test("tells a reader that has stopped for a while the truth once it goes on", async (start) => {
  const perch = await start();
  const [witness] = await openAll(perch, ALL_TOPICS);
  assert.ok(witness);
  const paused = await openAll(perch, SOME_TOPICS);
  for (const reader of paused) reader.pause();
  const begun = performance.now();
  const last = await publishBytes(perch, 15 * MIB, witness);
  await wait(Math.max(0, 3_000 - (performance.now() - begun)));
  for (const reader of paused) reader.resume();
  for (const reader of paused) await readUpTo(reader, last);
  for (const reader of paused) {
    assert.is(reader.messages.items.filter(({ type }) => type === "reset").length, 2, "it was not behind");
    assertInOrder(reader.messages.items);
    assert.equal(mirrorOf(reader.messages.items), await truthOf(perch));
  }
});

/** How much the system buffers for a reader that is not here is not known; so each of these is away for a little longer. */
const PAUSED = 32;

test("tells a reader that was behind the newest of each, and how many older ones it stands for", async (start) => {
  const perch = await start();
  const [witness] = await openAll(perch, ALL_TOPICS);
  assert.ok(witness);
  for (const transport of TRANSPORTS) {
    const paused = await Promise.all(
      Array.from({ length: PAUSED }, () => openStream(perch, transport, { topics: SOME_TOPICS })),
    );
    for (const reader of paused) await readStart(reader);
    for (const reader of paused) reader.pause();
    const from = witness.messages.items.length;
    for (const reader of paused) {
      const last = await publishBytes(perch, MIB / 2, witness);
      reader.resume();
      await readUpTo(reader, last);
      reader.close();
      assertInOrder(reader.messages.items);
      assert.equal(mirrorOf(reader.messages.items), await truthOf(perch));
      if (!isConflated(reader)) continue;
      const log = witness.messages.items.slice(from).filter(({ type }) => type !== "event");
      assert.equal(countsOf(reader.messages.items.filter(isLogged)), countsOf(log));
      break;
    }
    for (const reader of paused) reader.close();
    assert.ok(paused.some(isConflated), `no reader over ${transport} was behind and not too far`);
  }
});

const isConflated = ({ messages }: StreamReader): boolean => messages.items.some((message) => conflatedOf(message) > 0);

/** How many messages there were of each kind that replaces the one before. */
function countsOf(messages: readonly Heard[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const message of messages) {
    const key = `${message.type} ${at(message.data, "id") ?? ""}`;
    counts[key] = (counts[key] ?? 0) + 1 + conflatedOf(message);
  }
  return counts;
}

function assertInOrder(told: readonly Heard[]): void {
  const seqs = told.filter(isLogged).map(({ id }) => seqOf(id));
  assert.ok(seqs.every((seq, place) => seq > (seqs[place - 1] ?? 0)), "out of order");
}

test.run();
