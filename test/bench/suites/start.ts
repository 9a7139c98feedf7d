/** From the start of the process to its first answer: Perch as its users start it, with a log on disk. @module */

import { everyTarget, type Suite } from "../lib/bench.ts";
import { type Row, times } from "../lib/row.ts";
import { Server } from "../lib/server.ts";
import { TARGETS } from "../lib/targets.ts";

const STARTS = 12;

const ROW: Row = {
  measure: "start to the first answer on /healthz",
  unit: "ms",
  better: "less",
  goals: { node: times(1.2), deno: times(2) },
};

/** See the module. */
export const start: Suite = {
  name: "start",
  rows: [ROW],
  async run(bench) {
    const contestants = everyTarget((_server, target) => {
      let spentMs = 0;
      return Promise.resolve({
        async measure() {
          const server = await Server.start(TARGETS[target], "sqlite");
          const cpuMs = server.cpuMs();
          spentMs += cpuMs;
          await server.stop();
          return [{ row: ROW, value: server.startMs, details: { cpuMs } }];
        },
        cpuMs: () => spentMs,
      });
    });
    await bench.together(bench.isQuick ? 4 : STARTS, contestants);
  },
};
