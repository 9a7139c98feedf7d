/** Events that are answered once they are on the disk, against those that are answered from memory. @module */

import type { Contestant, Suite } from "../lib/bench.ts";
import { loopFor } from "../lib/closed-loop.ts";
import { workRequests } from "../lib/requests.ts";
import { type Reading, type Row, share, SHOWN } from "../lib/row.ts";
import { Server } from "../lib/server.ts";
import { TARGETS } from "../lib/targets.ts";

const SESSIONS = 100;

/** What the log in memory is measured with. */
const MOST = 64;

const rowFor = (connections: number, goal = SHOWN): Row => ({
  measure: `ingest kept on disk, ${connections} connection${connections === 1 ? "" : "s"}; 1 is Perch in memory with ${MOST}`,
  unit: "share [CPU per event]",
  better: "more",
  goals: { node: goal, deno: goal },
});

const ROWS = new Map([[1, rowFor(1)], [10, rowFor(10)], [MOST, rowFor(MOST, share(0.7))]]);

/** See the module. */
export const durable: Suite = {
  name: "durable",
  rows: [...ROWS.values()],
  async run(bench) {
    const ms = bench.isQuick ? 300 : 1_500;
    const contestants = (["node", "deno"] as const).map((target): Contestant => ({
      target,
      store: "sqlite",
      async prepare(server) {
        const inMemory = await Server.start(TARGETS[target], "memory");
        const run = (of: Server, connections: number) =>
          loopFor(of, ms, { requests: workRequests(of.port, SESSIONS), connections });
        await run(inMemory, MOST);
        await run(server, MOST);
        return {
          async measure() {
            const whole = await run(inMemory, MOST);
            const readings: Reading[] = [];
            for (const [connections, row] of ROWS) {
              const { perSec, cpuUs, fault } = await run(server, connections);
              const details = { perSec, inMemoryPerSec: whole.perSec };
              readings.push({ row, value: perSec / whole.perSec, cpuUs, fault: fault ?? whole.fault, details });
            }
            return readings;
          },
          cpuMs: () => inMemory.cpuMs(),
          close: () => void inMemory.stop(),
        };
      },
    }));
    await bench.together(bench.rounds * 2, contestants);
  },
};
