// runtime: node
// limit: 300 s
// needs: linux
// needs: faketime
/** Brokers whose wall clock jumps, goes back and stands still while they run: nothing comes early, late, twice or not at all. @module */

import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { cpuMsOf } from "../bench/lib/process.ts";
import { serverContract } from "../contracts/server.ts";
import { commandFor, LISTENING, type Runtime, type ServerProcess, startServer } from "../support/broker-process.ts";
import { measured } from "../support/hard.ts";
import { bearerOf } from "../support/http.ts";
import { at } from "../support/json.ts";
import { ALL_TOPICS, logOf, publish, stateOf } from "../support/log.ts";
import { findFaketime } from "../support/runner/needs.ts";
import { openSse } from "../support/sse-reader.ts";
import { greeting, type StreamReader } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";

const test = serverContract("wall clocks that lie", { atOnce: "runtimes" });

const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const STANDSTILL = Date.UTC(2030, 0, 1);

/** What the wall clock does, in the words of libfaketime, and how far it is off then. */
const JUMPS: readonly (readonly [spec: string, off: number | "stands"])[] = [
  ["+365d", YEAR],
  ["-365d", -YEAR],
  ["-1h", -HOUR],
  ["2030-01-01 00:00:00", "stands"],
  ["+0", 0],
];

/** How long `prompted` shows, and how much later it may be told on a busy machine, in milliseconds. */
const PROMPTED_MS = 1_500;
const LATE_MS = 1_500;

/** Runs `body` with a broker, and with how to set its wall clock; timers keep the clock of the machine. */
async function withClock(
  runtime: Runtime,
  body: (perch: ServerProcess, set: (spec: string) => void) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/perch-clock-`);
  const set = (spec: string): void => {
    writeFileSync(`${folder}/next`, `${spec}\n`);
    renameSync(`${folder}/next`, `${folder}/spec`);
  };
  set("+0");
  const perch = await startServer([...commandFor(runtime), "mod.ts", "serve", "--port", "0"], LISTENING, {
    LD_PRELOAD: findFaketime(),
    FAKETIME_TIMESTAMP_FILE: `${folder}/spec`,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    TZ: "UTC",
  });
  try {
    await body(perch, set);
    assert.ok(perch.isAlive);
    assert.not.match(perch.stderr, /uncaught|unhandled/i);
  } finally {
    perch.signal("SIGKILL");
    await perch.exited;
    rmSync(folder, { recursive: true });
  }
}

/** Begins a turn, lets the wall clock jump while `prompted` shows, and returns when that was over and what time was told. */
async function jump(perch: ServerProcess, reader: StreamReader, sessionId: string, act: () => void) {
  const begun = performance.now();
  await publish(perch, { kind: "prompt.submit", sessionId });
  await wait(PROMPTED_MS / 3);
  act();
  await publish(perch, { kind: "session.update", sessionId: "witness" });
  const said = await reader.messages.next("event", ({ data }) => at(data, "sessionId") === "witness");
  const over = await reader.messages.next(
    "end of prompted",
    ({ type, data }) => type === "session" && at(data, "id") === sessionId && at(data, "state") === "working",
  );
  return { told: Number(at(said.data, "receivedAt")), ms: over.at - begun };
}

test(
  "change no deadline, no number and no heartbeat, whatever they do",
  (_start, runtime) =>
    withClock(runtime, async (perch, set) => {
      await publish(perch, { kind: "permission.request", sessionId: "waits" });
      const reader = await openWs(`${perch.url}/v1/ws?topics=${ALL_TOPICS}`, { headers: bearerOf(perch) });
      await greeting(reader);
      for (const [index, [spec, off]] of JUMPS.entries()) {
        const { told, ms } = await jump(perch, reader, `s${index}`, () => set(spec));
        const expected = off === "stands" ? STANDSTILL : Date.now() + off;
        assert.ok(Math.abs(told - expected) < 5_000, `after ${spec} the broker told the time ${new Date(told).toISOString()}`);
        assert.ok(ms > PROMPTED_MS - 10 && ms < PROMPTED_MS + LATE_MS, `prompted showed for ${ms} ms after ${spec}`);
      }
      const log = await logOf(perch);
      assert.equal(log.map(({ seq }) => seq), log.map((_, index) => index + 1));
      assert.equal(log.filter(({ type }) => type === "session.gone"), []);
      assert.is(at(await stateOf(perch), "state", "state"), "waiting");
    }),
);

/** How long a stream may be quiet, in milliseconds. */
const HEARTBEAT_MS = 15_000;

test("bring no heartbeat early and no timer that spins", (_start, runtime) =>
  withClock(runtime, async (perch, set) => {
    const reader = await openSse(`${perch.url}/events?topics=pet`);
    await greeting(reader);
    const begun = performance.now();
    const { length } = reader.raw;
    await publish(perch, { kind: "tool.start", sessionId: "s" });
    const cpu = cpuMsOf(perch.pid);
    for (const [spec] of JUMPS) {
      set(spec);
      await wait(2_000);
    }
    assert.is(reader.raw.length, length, "nothing is told before its time");
    const used = cpuMsOf(perch.pid) - cpu;
    measured(`${runtime}: ${used.toFixed()} ms of CPU in ${2 * JUMPS.length} s of jumps`);
    assert.ok(used < 1_000, `${used} ms of CPU`);
    while (reader.raw.length === length && performance.now() - begun < HEARTBEAT_MS + 5_000) await wait(20);
    const ms = performance.now() - begun;
    assert.ok(ms > HEARTBEAT_MS - 1_000 && ms < HEARTBEAT_MS + 3_000, `the heartbeat came after ${ms} ms`);
  }));

test.run();
