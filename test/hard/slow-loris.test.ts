// runtime: node
// limit: 900 s
// needs: linux
// needs: slowhttptest
/** A thousand clients that are as slow as they can be, in the four ways of slowhttptest, beside one that is not. @module */

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { quantile } from "../bench/lib/statistics.ts";
import { serverContract } from "../contracts/server.ts";
import type { ServerProcess } from "../support/broker-process.ts";
import { measured } from "../support/hard.ts";
import { ask } from "../support/http.ts";
import { publish } from "../support/log.ts";

const test = serverContract("slow clients");

const run = promisify(execFile);

const CLIENTS = 1_000;
const CONNECTS_PER_S = 200;

/** When Node must have closed a connection, in milliseconds. */
const CLOSED_MS = 35_000;
const LASTS_S = 60;

interface Mode {
  readonly args: readonly string[];
  readonly path: string;
}

const MODES: Readonly<Record<string, Mode>> = {
  "send their headers slowly": { args: ["-H", "-i", "5", "-x", "24"], path: "/status" },
  "send their body slowly": { args: ["-B", "-i", "10", "-s", "8192", "-x", "10"], path: "/event" },
  "read their answer slowly": {
    args: ["-X", "-w", "512", "-y", "1024", "-n", "5", "-z", "32", "-k", "1"],
    path: "/v1/events?since=earliest&topics=state,sessions",
  },
  "ask for thousands of ranges": { args: ["-R", "-a", "5", "-b", "3000"], path: "/v1/state" },
};

const MIB = 1024 * 1024;

/** Descriptors that come and go with the requests of the other client, and with those by which slowhttptest looks whether all is well. */
const STRAY = 5;

const descriptorsOf = ({ pid }: ServerProcess): number => readdirSync(`/proc/${pid}/fd`).length;

/** Fills the log, so that there is much to read. */
async function fill(perch: ServerProcess): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    const texts = { cwd: "/c".repeat(2_000), activity: `${round}`.padEnd(1_000, "a") };
    await publish(
      perch,
      Array.from({ length: 40 }, (_, index) => ({ kind: "session.update", sessionId: `s${index}`, ...texts })),
    );
  }
}

/** What another client notices, what the broker holds, and when the slow ones were gone. */
interface Siege {
  /** When the last of them was let go, in milliseconds after most of them were there; Infinity if they stayed. */
  readonly goneMs: number;
  readonly most: number;
  readonly p99: number;
  readonly grownMiB: number;
}

async function besiege(perch: ServerProcess, { args, path }: Mode): Promise<Siege> {
  const load = ["-c", CLIENTS, "-r", CONNECTS_PER_S, "-l", LASTS_S, "-p", 3].map(String);
  await ask(`${perch.url}/v1/state`);
  const before = descriptorsOf(perch);
  const bytes = perch.residentBytes();
  const begun = performance.now();
  let isOver = false;
  const attack = run("slowhttptest", [...args, ...load, "-u", `${perch.url}${path}`]).finally(() => isOver = true);
  const delays: number[] = [];
  let [most, grown, cameAt, goneAt] = [0, 0, 0, 0];
  while (!isOver) {
    const asked = performance.now();
    assert.is((await ask(`${perch.url}/healthz`)).status, 200);
    const count = descriptorsOf(perch) - before;
    delays.push(performance.now() - asked);
    if (count > most) cameAt = performance.now();
    if (count > STRAY) goneAt = Infinity;
    else if (goneAt === Infinity) goneAt = performance.now();
    most = Math.max(most, count);
    grown = Math.max(grown, perch.residentBytes() - bytes);
    await wait(100);
  }
  await attack;
  // It ends before its time when none of its connections is left.
  const ended = performance.now();
  if (goneAt === Infinity && ended - begun < (LASTS_S - 2) * 1000) goneAt = ended;
  return { goneMs: Math.max(0, goneAt - cameAt), most, p99: quantile(delays, 0.99), grownMiB: grown / MIB };
}

for (const [what, mode] of Object.entries(MODES)) {
  test(`that ${what} are let go of on Node, and hold up nobody`, async (start, runtime) => {
    const perch = await start();
    await fill(perch);
    const { goneMs, most, p99, grownMiB } = await besiege(perch, mode);
    measured(
      `${runtime}: ${CLIENTS} clients that ${what} (${most} at once) were gone ${
        (goneMs / 1000).toFixed(1)
      } s after the last had ` +
        `come; others' p99 ${p99.toFixed(1)} ms; ${grownMiB.toFixed()} MiB more`,
    );
    if (runtime === "node") assert.ok(goneMs <= CLOSED_MS, `they were gone after ${goneMs} ms`);
    assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
  });
}

test.run();
