// runtime: node
// limit: 1800 s
// needs: linux
/** Readers that read nothing, or next to nothing, beside a thousand that read all. @module */

import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { BATCHED_SOCKET, EVENT_STREAM } from "../bench/lib/wire.ts";
import { Readers } from "../bench/lib/readers.ts";
import { quantile } from "../bench/lib/statistics.ts";
import { serverContract } from "../contracts/server.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import { choosePet } from "../support/floater.ts";
import { measured } from "../support/hard.ts";
import { bearerOf } from "../support/http.ts";
import { within } from "../support/inbox.ts";
import { at } from "../support/json.ts";
import { ALL_TOPICS, stateOf } from "../support/log.ts";
import { publishBytes } from "../support/pressure.ts";
import { openSse } from "../support/sse-reader.ts";
import { greeting, type StreamReader } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";

const test = serverContract("stalled readers");

const MIB = 1024 * 1024;
const STALLED_OF_EACH = 25;
const HEALTHY_OF_EACH = 475;
const SAMPLED_OF_EACH = 25;
const PUBLISHED = 125 * MIB;

/** More than any system buffers for one connection. */
const BUFFERED = 8 * MIB;

async function open(perch: ServerProcess, transport: "sse" | "ws", topics: string, since = ""): Promise<StreamReader> {
  const reader = transport === "sse"
    ? await openSse(`${perch.url}/v1/stream?topics=${topics}&since=${since}`, bearerOf(perch), false)
    : await openWs(`${perch.url}/v1/ws?topics=${topics}&since=${since}`, { headers: bearerOf(perch) });
  await greeting(reader);
  return reader;
}

async function openEach(perch: ServerProcess, count: number, topics: string): Promise<readonly StreamReader[]> {
  const readers: StreamReader[] = [];
  for (let number = 0; number < count; number += 1) {
    readers.push(await open(perch, "sse", topics), await open(perch, "ws", topics));
  }
  return readers;
}

/** A thousand readers of state and pet: most are counted only, some tell when they heard what. */
async function openHealthy(perch: ServerProcess) {
  const counted = [EVENT_STREAM, BATCHED_SOCKET].map((wire) => new Readers(perch.port, wire));
  for (const readers of counted) await readers.grow(HEALTHY_OF_EACH);
  const sampled = await openEach(perch, SAMPLED_OF_EACH, "state,pet");
  return { counted, sampled };
}

type Healthy = Awaited<ReturnType<typeof openHealthy>>;

let markers = 0;

/** Chooses a pet, and returns how long it took until each of the sampled readers was told, in milliseconds. */
async function delays(perch: ServerProcess, { sampled }: Healthy): Promise<number[]> {
  markers += 1;
  const slug = `marker-${markers}`;
  const begun = performance.now();
  await choosePet(perch, slug);
  const isMarker = ({ data }: { readonly data: unknown }) => at(data, "slug") === slug;
  return Promise.all(sampled.map(async ({ messages }) => {
    const heard = await messages.next(slug, (message) => message.type === "pet" && isMarker(message));
    return heard.at - begun;
  }));
}

/** Publishes so many bytes, and measures now and then how late the healthy readers are told, and the memory. */
async function publishMeasured(perch: ServerProcess, bytes: number, witness: StreamReader, healthy: Healthy) {
  const all: number[] = [];
  let [most, batches] = [0, 0];
  const last = await publishBytes(perch, bytes, witness, async () => {
    batches += 1;
    if (batches % 4 === 0) all.push(...await delays(perch, healthy));
    most = Math.max(most, perch.residentBytes());
  });
  return { last, p99: quantile(all, 0.99), most };
}

const cutsIn = ({ stderr }: ServerProcess): number => stderr.match(/reader cut/g)?.length ?? 0;

async function allCut(perch: ServerProcess, begun: number): Promise<number> {
  while (cutsIn(perch) < 2 * STALLED_OF_EACH) await wait(50);
  return performance.now() - begun;
}

test(
  `${2 * STALLED_OF_EACH} of them cost little memory, are cut in time, and hold up nobody of a thousand`,
  async (start, runtime) => {
    const perch = await start.lean("--max-readers", "2000", "--max-new-streams", "1000");
    const witness = await open(perch, "sse", ALL_TOPICS);
    const healthy = await openHealthy(perch);
    await publishMeasured(perch, 20 * MIB, witness, healthy);
    const before = await publishMeasured(perch, 40 * MIB, witness, healthy);
    const stalled = await openEach(perch, STALLED_OF_EACH, "state,sessions");
    for (const reader of stalled) reader.pause();
    const begun = performance.now();
    const first = await publishMeasured(perch, BUFFERED, witness, healthy);
    const stuckAt = performance.now() - begun;
    const cut = within(120_000, "cut of all stalled readers", allCut(perch, begun));
    const [rest, cutAt] = await Promise.all([publishMeasured(perch, PUBLISHED - BUFFERED, witness, healthy), cut]);
    const growth = (Math.max(first.most, rest.most) - before.most) / MIB;
    const p99 = Math.max(first.p99, rest.p99);
    measured(
      `${runtime}: ${growth.toFixed()} MiB more, all cut after ${(cutAt / 1000).toFixed(1)} s, stuck after ` +
        `${(stuckAt / 1000).toFixed(1)} s at the latest; p99 ${p99.toFixed(1)} ms, without them ${before.p99.toFixed(1)} ms`,
    );
    assert.ok(growth <= 50, `the broker grew by ${growth.toFixed()} MiB`);
    assert.ok(cutAt >= 10_000 && cutAt <= stuckAt + 15_000, `cut after ${cutAt} ms, stuck after ${stuckAt} ms at the latest`);
    assert.ok(p99 <= 1.5 * before.p99, `p99 ${p99} ms, without stalled readers ${before.p99} ms`);
    assert.equal(healthy.counted.map(({ lost }) => lost), [0, 0], "healthy readers were let go");
    assert.is(cutsIn(perch), 2 * STALLED_OF_EACH);
    await comeBack(perch, stalled);
    for (const readers of healthy.counted) readers.close();
  },
);

/** Those that were cut come back with the last cursor that they have seen, and are told what is true now. */
async function comeBack(perch: ServerProcess, stalled: readonly StreamReader[]): Promise<void> {
  for (const [index, { messages, close }] of stalled.entries()) {
    close();
    const cursor = messages.items.findLast(({ id }) => id !== undefined)?.id;
    const reader = await open(perch, index % 2 === 0 ? "sse" : "ws", "state,pet,sessions", cursor);
    const snapshot = reader.messages.items.find(({ type }) => type === "snapshot");
    const truth = await stateOf(perch);
    assert.is(at(reader.messages.items[1]?.data, "reason"), "gap");
    if (at(truth, "seq") === at(snapshot?.data, "seq")) assert.equal(snapshot?.data, truth);
    else assert.ok(Number(at(truth, "seq")) > Number(at(snapshot?.data, "seq")));
    reader.close();
  }
}

test.run();
