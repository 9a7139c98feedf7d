/** One reader takes nothing while more than a million changes are told: how much memory it costs. @module */

import { setTimeout as sleep } from "node:timers/promises";
import { everyTarget, type Suite } from "../lib/bench.ts";
import { changeInTurns } from "../lib/change-in-turns.ts";
import { loopOver } from "../lib/closed-loop.ts";
import { Readers } from "../lib/readers.ts";
import { workRequests } from "../lib/requests.ts";
import { atMost, type Row, type TargetName } from "../lib/row.ts";
import { FLOATER_SOCKET } from "../lib/wire.ts";

/** How far the first half and the second half go; the peer's memory grows without end, so it goes only to the first mark. */
const MARKS: Readonly<Record<TargetName, readonly number[]>> = {
  peer: [100_000],
  node: [100_000, 600_000, 1_200_000],
  deno: [100_000, 600_000, 1_200_000],
};

const WARM_UP = 20_000;

/** What the second half may add and still count as level. */
const LEVEL_MIB = 4;

const ROW: Row = {
  measure: "one stalled reader, 1.2 M changes: growth; peer: after 0.1 M, it grows without end",
  unit: "MiB",
  better: "less",
  goals: { node: atMost(36, LEVEL_MIB), deno: atMost(60, LEVEL_MIB) },
};

/** See the module. */
export const stalled: Suite = {
  name: "stalled",
  rows: [ROW],
  isLong: true,
  async run(bench) {
    const contestants = everyTarget(async (server, target) => {
      await loopOver(server, 5_000, { requests: workRequests(server.port, 1), connections: 4 });
      const healthy = new Readers(server.port, FLOATER_SOCKET);
      const silent = new Readers(server.port, FLOATER_SOCKET);
      await healthy.grow(1);
      await changeInTurns(server, WARM_UP);
      await sleep(1_000);
      await silent.grow(1);
      return {
        async measure() {
          silent.stall();
          const before = server.residentMiB();
          const growth = new Map<number, number>();
          let done = 0;
          let fault: string | undefined;
          for (const mark of MARKS[target]) {
            fault ??= (await changeInTurns(server, mark - done)).fault;
            done = mark;
            await sleep(500);
            growth.set(mark, server.residentMiB() - before);
          }
          const marks = [...growth.values()];
          const details = Object.fromEntries([...growth].map(([mark, mib]) => [`after${mark}`, mib]));
          return [{
            row: ROW,
            value: Math.max(...marks),
            later: (marks.at(-1) ?? NaN) - (marks.at(-2) ?? NaN),
            fault,
            details,
          }];
        },
        close() {
          healthy.close();
          silent.close();
        },
      };
    }).map((contestant) => ({ ...contestant, isRepeatable: false }));
    await bench.afresh(Math.min(2, bench.rounds), contestants);
  },
};
