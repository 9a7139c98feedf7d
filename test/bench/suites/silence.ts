/** Tens of thousands of sessions fall idle in one moment: for how long is the server deaf? @module */

import { setTimeout as sleep } from "node:timers/promises";
import { everyTarget, type Suite } from "../lib/bench.ts";
import { loopOver } from "../lib/closed-loop.ts";
import { getOnce } from "../lib/http-connection.ts";
import { Readers } from "../lib/readers.ts";
import { startRequests } from "../lib/requests.ts";
import { atMost, type Row } from "../lib/row.ts";
import { FLOATER_SOCKET } from "../lib/wire.ts";

const SESSIONS = 50_000;

/** A v0 session is silent for 30 s before it falls idle. */
const WINDOW_MS = 42_000;

const PING_EVERY_MS = 20;
const PING_MS = 60_000;

const ROW: Row = {
  measure: `${SESSIONS.toLocaleString("en")} sessions fall idle at once: worst ping`,
  unit: "ms",
  better: "less",
  goals: { node: atMost(25), deno: atMost(40) },
};

/** See the module. */
export const silence: Suite = {
  name: "silence",
  rows: [ROW],
  isLong: true,
  async run(bench) {
    const contestants = everyTarget(async (server) => {
      const readers = new Readers(server.port, FLOATER_SOCKET);
      const requests = startRequests(server.port, SESSIONS);
      const { fault } = await loopOver(server, SESSIONS, { requests, connections: 16 });
      await readers.grow(1);
      return {
        async measure() {
          const pings: number[] = [];
          let unanswered = 0;
          for (const until = performance.now() + WINDOW_MS; performance.now() < until; await sleep(PING_EVERY_MS)) {
            const sentAt = performance.now();
            if (await getOnce(server.port, "/healthz", PING_MS) !== 200) unanswered += 1;
            pings.push(performance.now() - sentAt);
          }
          const missed = unanswered > 0 ? `${unanswered} of ${pings.length} pings were not answered` : undefined;
          // The aggregate changes once, when the last session has fallen idle.
          return [{ row: ROW, value: Math.max(...pings), fault: fault ?? missed ?? readers.fault(1) }];
        },
        close: () => readers.close(),
      };
    }).map((contestant) => ({ ...contestant, isRepeatable: false }));
    await bench.afresh(1, contestants);
  },
};
