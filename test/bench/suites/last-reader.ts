/** From a POST to the last of many readers that is told. @module */

import { setTimeout as sleep } from "node:timers/promises";
import { everyTarget, type Suite } from "../lib/bench.ts";
import { cycle } from "../lib/cycle.ts";
import { HttpConnection } from "../lib/http-connection.ts";
import { Readers } from "../lib/readers.ts";
import { changeRequests } from "../lib/requests.ts";
import { type Row, times } from "../lib/row.ts";
import type { Server } from "../lib/server.ts";
import { median } from "../lib/statistics.ts";
import { FLOATER_SOCKET } from "../lib/wire.ts";

const READERS = 1_000;
const CHANGES = 30;

/** Between two changes, so that each stands alone. */
const PAUSE_MS = 15;

const ARRIVAL_MS = 5_000;

const ROW: Row = {
  measure: `POST to the last of ${READERS.toLocaleString("en")} readers, v0 /ws, median`,
  unit: "ms [CPU per message]",
  better: "less",
  goals: { node: times(1.15), deno: times(1.15) },
};

/** See the module. */
export const lastReader: Suite = {
  name: "last",
  rows: [ROW],
  async run(bench) {
    const contestants = everyTarget(async (server) => {
      const readers = new Readers(server.port, FLOATER_SOCKET);
      await readers.grow(READERS);
      await changeOneByOne(server, readers);
      return {
        async measure() {
          const { latencies, cpuMs, fault } = await changeOneByOne(server, readers);
          const cpuUs = cpuMs * 1000 / (latencies.length * READERS);
          return [{ row: ROW, value: median(latencies), cpuUs, fault }];
        },
        close: () => readers.close(),
      };
    });
    await bench.together(bench.rounds * 2, contestants);
  },
};

interface Latencies {
  readonly latencies: readonly number[];
  readonly cpuMs: number;
  readonly fault: string | undefined;
}

async function changeOneByOne(server: Server, readers: Readers): Promise<Latencies> {
  const next = cycle(changeRequests(server.port));
  const connection = new HttpConnection(server.port, { onAnswer: () => {} });
  await connection.opened;
  const latencies: number[] = [];
  const cpu = server.cpuMs();
  let fault: string | undefined;
  for (let i = 0; i < CHANGES && fault === undefined; i += 1) {
    readers.forget();
    const arrived = readers.reach(1, ARRIVAL_MS);
    const sentAt = performance.now();
    connection.send(next());
    await arrived;
    latencies.push(performance.now() - sentAt);
    await sleep(PAUSE_MS);
    fault = readers.fault(1);
  }
  connection.destroy();
  return { latencies, cpuMs: server.cpuMs() - cpu, fault };
}
