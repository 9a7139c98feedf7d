// runtime: node
// limit: 1800 s
// needs: linux
/** Thousands of readers, and hundreds that come and go every second: the broker is no larger after them than before. @module */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { BATCHED_SOCKET, scan } from "../bench/lib/wire.ts";
import { serverContract } from "../contracts/server.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import { measured } from "../support/hard.ts";
import { publish } from "../support/log.ts";
import { requestBytes, UPGRADE } from "../support/raw-http.ts";

const test = serverContract("many that come and go");

/** Readers of each kind at once, as far as the machine allows descriptors. */
const READERS = 10_000;

/** Comings and goings each second, for how many seconds, and how often that. */
const CHURN_PER_S = 200;
const TURN_S = 45;
const TURNS = 4;

const MANY = ["--max-readers", "100000", "--max-new-streams", "10000"];

const MIB = 1024 * 1024;

/** One address has fewer than 30,000 ports for its connections to another, so clients come from several. */
const ADDRESSES = 8;

/** Descriptors that the broker and this process need for all readers. */
const DESCRIPTORS = 2 * READERS + 1_000;

/** Allows a process so many descriptors, if this user may, and returns how many it has. */
function allowDescriptors(pid: number): number {
  try {
    execFileSync("prlimit", ["--pid", String(pid), `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`], { stdio: "ignore" });
  } catch {
    // It has to do with what it has.
  }
  return Number(/^Max open files +([0-9]+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1]);
}

const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

type Transport = "sse" | "ws";

let opened = 0;

/** Opens a stream of state, and resolves once its head is there; undefined where it is refused. What is told is not kept. */
function open({ port }: ServerProcess, transport: Transport): Promise<Socket | undefined> {
  opened += 1;
  const socket = connect({ port, host: "127.0.0.1", localAddress: `127.0.1.${1 + opened % ADDRESSES}` });
  const target = transport === "sse" ? "/v1/stream?topics=state" : "/v1/ws?topics=state";
  const headers = [["Host", `127.0.0.1:${port}`] as const, ...transport === "sse" ? [] : UPGRADE];
  return new Promise((resolve) => {
    socket.once("connect", () => socket.write(requestBytes({ target, headers })));
    socket.once("data", (chunk: Buffer) => {
      const isTaken = /^HTTP\/1\.1 (?:200|101) /.test(chunk.toString("latin1", 0, 16));
      if (!isTaken) socket.destroy();
      resolve(isTaken ? socket : undefined);
    });
    if (transport === "ws") socket.on("data", (chunk: Buffer) => answerPings(socket, chunk));
    else socket.on("data", () => {});
    socket.once("error", () => resolve(undefined)).once("close", () => resolve(undefined));
  });
}

function answerPings(socket: Socket, chunk: Buffer): void {
  const { pongs } = scan(BATCHED_SOCKET, chunk, "");
  if (pongs !== undefined) socket.write(pongs);
}

/** Opens readers of both kinds in turn until there are so many, or the machine gives no more. */
async function openMany(perch: ServerProcess, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const batch = await Promise.all(
      Array.from({ length: Math.min(100, count - sockets.length) }, (_, index) => open(perch, index % 2 === 0 ? "sse" : "ws")),
    );
    const taken = batch.filter((socket) => socket !== undefined);
    sockets.push(...taken);
    if (taken.length < batch.length) break;
  }
  return sockets;
}

/** Lets readers come and go, at an even pace. Returns how many came. */
async function churn(perch: ServerProcess, seconds: number): Promise<number> {
  const begun = performance.now();
  let came = 0;
  const work: Promise<void>[] = [];
  for (let due = 0; due < seconds * CHURN_PER_S; due += 1) {
    const early = due / CHURN_PER_S * 1000 - (performance.now() - begun);
    if (early > 5) await wait(early);
    work.push(
      open(perch, due % 2 === 0 ? "sse" : "ws").then(async (socket) => {
        if (socket === undefined) return;
        came += 1;
        await wait(due % 7 * 30);
        if (due % 3 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }),
    );
    if (due % 20 === 0) await publish(perch, { kind: "tool.start", sessionId: `s${due % 50}` });
  }
  await Promise.all(work);
  return came;
}

/** Waits until the broker has let go of all readers that are gone, and returns what it holds. */
async function settled(perch: ServerProcess): Promise<{ readonly descriptors: number; readonly bytes: number }> {
  let descriptors = Infinity;
  for (let same = 0; same < 30;) {
    const now = descriptorsOf(perch.pid);
    same = now === descriptors ? same + 1 : 0;
    descriptors = now;
    await wait(200);
  }
  return { descriptors, bytes: perch.residentBytes() };
}

test(`leave nothing behind, ${CHURN_PER_S} each second for ${TURNS} times ${TURN_S} s`, async (start, runtime) => {
  const perch = await start.lean(...MANY);
  const held: { readonly descriptors: number; readonly bytes: number }[] = [];
  let came = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    came += await churn(perch, TURN_S);
    held.push(await settled(perch));
  }
  const mib = held.map(({ bytes }) => bytes / MIB);
  const descriptors = held.map((each) => each.descriptors);
  measured(
    `${runtime}: ${came} came and went; then it had ${
      mib.map((each) => each.toFixed()).join(", ")
    } MiB, ${descriptors} descriptors`,
  );
  assert.ok(came >= CHURN_PER_S * TURN_S * TURNS * 0.99, `only ${came} came`);
  assert.equal(descriptors, descriptors.map(() => descriptors[0]), "descriptors are left");
  const [settledMiB = 0, lastMiB = Infinity] = [Math.max(...mib.slice(0, -1)), mib.at(-1)];
  assert.ok(lastMiB <= 1.05 * settledMiB, `it grew to ${lastMiB} MiB in the last turn`);
});

test(`are taken as far as the machine carries them, ${READERS} of each kind`, async (start, runtime) => {
  const perch = await start(...MANY);
  const descriptors = Math.min(allowDescriptors(perch.pid), allowDescriptors(process.pid));
  const limit = Math.min(2 * READERS, descriptors - descriptorsOf(process.pid) - 200);
  const idle = perch.residentBytes();
  const begun = performance.now();
  const readers = await openMany(perch, limit);
  const ms = performance.now() - begun;
  const each = (perch.residentBytes() - idle) / readers.length / 1024;
  let told = 0;
  const all = new Promise<void>((resolve) => {
    for (const reader of readers) reader.once("data", () => (told += 1) === readers.length && resolve());
  });
  const published = performance.now();
  await publish(perch, { kind: "permission.request", sessionId: "news" });
  await Promise.race([all, wait(60_000)]);
  const toldMs = performance.now() - published;
  measured(
    `${runtime}: ${readers.length} readers of ${limit} in ${(ms / 1000).toFixed(1)} s, ${
      each.toFixed(1)
    } KiB each; all told after ` +
      `${toldMs.toFixed()} ms`,
  );
  assert.is(readers.length, limit);
  assert.is(told, limit, "somebody was not told");
  readers.forEach((reader) => reader.destroy());
  const after = await settled(perch);
  assert.ok(after.descriptors < 200, `${after.descriptors} descriptors are left`);
});

test.run();
