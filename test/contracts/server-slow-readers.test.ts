// runtime: node
// limit: 120 s
/** Readers that read nothing, or nothing for a while: they cost little, hurt nobody, and end with the truth. @module */

import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { within } from "../support/inbox.ts";
import { type Heard, readUpTo, seqOf, type StreamReader } from "../support/stream-reader.ts";
import { ALL_TOPICS, publish } from "./_log.ts";
import { conflatedOf, mirrorOf, truthOf } from "./_mirror.ts";
import { openStream, readStart, TRANSPORTS } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("slow readers");

const MIB = 1024 * 1024;
const EVENTS_AT_ONCE = 40;
const SESSIONS = 20;

let published = 0;

/** Publishes one batch of changes of state, each about 6 KB for a reader, and returns the cursor after it. */
function publishChanges(perch: ServerProcess): Promise<string> {
  return publish(
    perch,
    Array.from({ length: EVENTS_AT_ONCE }, () => {
      published += 1;
      const kind = published % 2 === 0 ? "permission.request" : "permission.resolve";
      const title = `${published} `.padEnd(512, "t");
      return { kind, sessionId: `s${published % SESSIONS}`, title, cwd: "/c".repeat(2_000), activity: "a".repeat(1_000) };
    }),
  );
}

/** Publishes until a reader of state and sessions must have been sent this much, at the pace of `witness`. */
async function publishBytes(perch: ServerProcess, bytes: number, witness: StreamReader, step = () => {}): Promise<string> {
  const start = witness.messages.items.length;
  let cursor = "";
  for (let sent = 0, seen = start; sent < bytes;) {
    cursor = await publishChanges(perch);
    await readUpTo(witness, cursor);
    for (; seen < witness.messages.items.length; seen += 1) {
      const message = witness.messages.items[seen];
      if (message?.type !== "event") sent += message?.text.length ?? 0;
    }
    step();
  }
  return cursor;
}

async function openAll(perch: ServerProcess, topics: string): Promise<readonly StreamReader[]> {
  const readers = await Promise.all(TRANSPORTS.map((transport) => openStream(perch, transport, { topics })));
  for (const reader of readers) await readStart(reader);
  return readers;
}

const isLogged = ({ type }: Heard): boolean => ["state", "session", "session.gone", "pet", "event"].includes(type);

/** Every message of the log, without a hole, or a smaller number that says how many it stands for. */
function assertWhole(told: readonly Heard[], cursor: string): void {
  const seqs = told.filter(isLogged).map(({ id }) => seqOf(id));
  assert.is(seqs.at(-1), seqOf(cursor));
  const hole = seqs.findIndex((seq, index) => index > 0 && seq !== (seqs[index - 1] ?? 0) + 1);
  assert.is(hole, -1, `after ${seqs[hole - 1]} came ${seqs[hole]}`);
}

test("cuts readers that read nothing, with little memory and without a loss for the others", async (start) => {
  const perch = await start();
  const healthy = await openAll(perch, ALL_TOPICS);
  const [witness, other] = healthy;
  assert.ok(witness && other);
  await publishBytes(perch, 40 * MIB, witness); // until the heap of the runtime has found its level
  const before = perch.residentBytes();
  const stalled = await openAll(perch, "state,sessions");
  for (const reader of stalled) reader.pause();
  const begun = performance.now();
  let most = 0;
  await publishBytes(perch, 40 * MIB, witness, () => most = Math.max(most, perch.residentBytes()));
  const growth = (most - before) / MIB;
  assert.ok(growth <= 60, `the broker grew by ${growth.toFixed()} MiB`);
  let last = await publishChanges(perch);
  while (performance.now() - begun < 16_000) {
    await wait(250);
    last = await publish(perch, { kind: "session.update", sessionId: "s0", activity: `${performance.now()}` });
  }
  for (const reader of healthy) await readUpTo(reader, last);
  for (const reader of healthy) assertWhole(reader.messages.items, last);
  for (const reader of stalled) {
    reader.resume();
    const { code } = await within(10_000, "end of a stalled reader", reader.ended);
    assert.is(code, reader === stalled[1] ? 4408 : undefined);
    const told = reader.messages.items.filter(isLogged);
    assert.ok(seqOf(told.at(-1)?.id) < seqOf(last) - 50, "it was cut before the end");
  }
});

test("tells a reader that has stopped for a while the truth once it goes on", async (start, runtime) => {
  const perch = await start();
  const [witness] = await openAll(perch, ALL_TOPICS);
  assert.ok(witness);
  const paused = await openAll(perch, "state,sessions,pet");
  for (const reader of paused) reader.pause();
  const begun = performance.now();
  const last = await publishBytes(perch, 15 * MIB, witness);
  await wait(Math.max(0, 3_000 - (performance.now() - begun)));
  for (const reader of paused) reader.resume();
  for (const reader of paused) await readUpTo(reader, last);
  for (const [index, reader] of paused.entries()) {
    const told = reader.messages.items;
    const conflated = told.reduce((sum, message) => sum + conflatedOf(message), 0);
    const resets = told.filter(({ type }) => type === "reset").length - 1;
    console.log(`  ${runtime}: ${TRANSPORTS[index]} went on with ${conflated} messages conflated and ${resets} resets`);
    assert.ok(conflated > 0 || resets > 0, "nothing was left out, so it was not behind");
    const seqs = told.filter(isLogged).map(({ id }) => seqOf(id));
    assert.ok(seqs.every((seq, place) => seq > (seqs[place - 1] ?? 0)), "out of order");
    assert.equal(mirrorOf(told), await truthOf(perch));
  }
});

test.run();
