/** Events in, as fast as they are taken: one POST each, by number of live sessions; and in batches. @module */

import { type Bench, everyTarget, type Player, type Suite } from "../lib/bench.ts";
import { loopFor, loopOver, type LoopResult } from "../lib/closed-loop.ts";
import { startRequests, workRequests } from "../lib/requests.ts";
import { type Reading, type Row, times } from "../lib/row.ts";
import type { Server } from "../lib/server.ts";

const CONNECTIONS = 10;

const rowFor = (sessions: number, node: number, deno: number): Row => ({
  measure: `ingest, ${CONNECTIONS} connections, ${sessions.toLocaleString("en")} session${sessions === 1 ? "" : "s"}`,
  unit: "events/s [CPU per event]",
  better: "more",
  goals: { node: times(node), deno: times(deno) },
});

const FEW = new Map([[1, rowFor(1, 1.15, 1.6)], [100, rowFor(100, 1.15, 1.6)]]);
const MANY = new Map([[1_000, rowFor(1_000, 1.6, 2.3)], [10_000, rowFor(10_000, 5, 8)], [50_000, rowFor(50_000, 16, 25)]]);

/** How a loop is read. */
function reading(row: Row, { perSec, cpuUs, clientPct, fault }: LoopResult): Reading {
  return { row, value: perSec, cpuUs, fault, details: { clientPct } };
}

async function play(bench: Bench, server: Server, rows: ReadonlyMap<number, Row>): Promise<Player> {
  const turns = [...rows].map(([sessions, row]) => ({ row, requests: workRequests(server.port, sessions) }));
  for (const sessions of rows.keys()) {
    const { fault } = await loopOver(server, sessions, {
      requests: startRequests(server.port, sessions),
      connections: 16,
    });
    if (fault !== undefined) throw new Error(`Cannot start ${sessions} sessions: ${fault}`);
  }
  for (const { requests } of turns) await loopFor(server, bench.isQuick ? 200 : 800, { requests, connections: CONNECTIONS });
  return {
    async measure() {
      const readings: Reading[] = [];
      for (const { row, requests } of turns) {
        readings.push(reading(row, await loopFor(server, bench.isQuick ? 300 : 1_500, { requests, connections: CONNECTIONS })));
      }
      return readings;
    },
  };
}

/** Single POSTs. */
export const ingest: Suite = {
  name: "ingest",
  rows: [...FEW.values(), ...MANY.values()],
  async run(bench) {
    await bench.together(bench.rounds * 2, everyTarget((server) => play(bench, server, FEW)));
    for (const [sessions, row] of MANY) {
      if (bench.isQuick && sessions > 1_000) continue;
      await bench.afresh(bench.rounds, everyTarget((server) => play(bench, server, new Map([[sessions, row]]))));
    }
  },
};
