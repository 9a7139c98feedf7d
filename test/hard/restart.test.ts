// runtime: node
// limit: 900 s
// needs: linux
/** A broker that is restarted under two thousand clients: all of them come back, and go on where they were. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import { connect, type Connection } from "../../src/client/client.ts";
import { cpuMsOf } from "../bench/lib/process.ts";
import { serverContract } from "../contracts/server.ts";
import { commandFor, LISTENING, type Runtime, type ServerProcess, startServer } from "../support/broker-process.ts";
import { measured } from "../support/hard.ts";
import { publish } from "../support/log.ts";

const test = serverContract("restarts");

const CLIENTS = 2_000;

/** When all must be live again after the broker is back, in milliseconds. */
const BACK_MS = 15_000;

function start(runtime: Runtime, folder: string, port: number): Promise<ServerProcess> {
  const flags = ["--state-dir", folder, "--max-readers", "10000", "--max-new-streams", "1000", "--port", String(port)];
  return startServer([...commandFor(runtime), "mod.ts", "serve", ...flags], LISTENING);
}

/** Clients of both transports, some after the others, so that this process is not what is slow. */
async function connectAll(url: string): Promise<readonly Connection[]> {
  const clients: Connection[] = [];
  while (clients.length < CLIENTS) {
    const transport = clients.length % 2 === 0 ? "sse" : "ws";
    clients.push(connect({ url, transport, topics: ["state", "sessions"] }));
    if (clients.length % 100 === 0) await allLive(clients, 60_000);
  }
  return clients;
}

const liveOf = (clients: readonly Connection[]): number => clients.filter((client) => client.status().phase === "live").length;

/** Waits until all are live, and returns after how many milliseconds they were; Infinity if they were not. */
async function allLive(clients: readonly Connection[], ms: number): Promise<number> {
  const begun = performance.now();
  while (liveOf(clients) < clients.length) {
    if (performance.now() - begun > ms) return Infinity;
    await wait(50);
  }
  return performance.now() - begun;
}

/** Ends the broker, starts it anew, and returns how the clients came back. */
async function restart(old: ServerProcess, signal: "SIGTERM" | "SIGKILL", again: () => Promise<ServerProcess>) {
  old.signal(signal);
  await old.exited;
  const perch = await again();
  return { perch, cpu: cpuMsOf(perch.pid) };
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  test(`after ${signal} have all of ${CLIENTS} clients back in time, with nothing lost`, async (_start, runtime) => {
    const folder = mkdtempSync(`${tmpdir()}/perch-restart-`);
    let perch = await start(runtime, folder, 0);
    const clients = await connectAll(perch.url);
    try {
      assert.is(liveOf(clients), CLIENTS, "not all of them came at all");
      await publish(perch, Array.from({ length: 50 }, (_, index) => ({ kind: "tool.start", sessionId: `s${index}` })));
      let resets = 0;
      for (const client of clients) client.on("reset", () => resets += 1);
      const { port } = perch;
      const back = await restart(perch, signal, () => start(runtime, folder, port));
      perch = back.perch;
      const ms = await allLive(clients, 60_000);
      const cpu = cpuMsOf(perch.pid) - back.cpu;
      measured(
        `${runtime}: ${CLIENTS} clients were live again ${ms.toFixed()} ms after the start that followed ${signal}, ` +
          `for ${cpu.toFixed()} ms of the broker's CPU; ${resets} were reset`,
      );
      assert.ok(ms <= BACK_MS, `${liveOf(clients)} were live again`);
      assert.is(resets, 0, "cursors of before are not believed");
      await publish(perch, { kind: "permission.request", sessionId: "s1" });
      const isTold = (client: Connection) => client.state()?.state === "waiting" && client.sessions().length === 50;
      for (let tries = 0; tries < 200 && !clients.every(isTold); tries += 1) await wait(50);
      assert.is(clients.filter(isTold).length, CLIENTS);
    } finally {
      clients.forEach((client) => client.close());
      perch.signal("SIGKILL");
      await perch.exited;
      rmSync(folder, { recursive: true });
    }
  });
}

test.run();
