/** How long a hook waits while thousands of readers are told of changes. @module */

import { setTimeout as sleep } from "node:timers/promises";
import { everyTarget, type Suite } from "../lib/bench.ts";
import { loopOver } from "../lib/closed-loop.ts";
import { cycle } from "../lib/cycle.ts";
import { HttpConnection, sendOnce } from "../lib/http-connection.ts";
import { senderAtRate } from "../lib/open-loop.ts";
import { Readers } from "../lib/readers.ts";
import { askRequests, workRequests } from "../lib/requests.ts";
import { type Row, times } from "../lib/row.ts";
import { median, quantile } from "../lib/statistics.ts";
import { FLOATER_SOCKET } from "../lib/wire.ts";

const READERS = 5_000;
const CHANGES_PER_SEC = 5;
const EVENTS_PER_SEC = 500;
const ARRIVAL_MS = 10_000;

const ROW: Row = {
  measure: `ingest p99 at ${EVENTS_PER_SEC}/s, new connections, while ${READERS} readers get ${CHANGES_PER_SEC} changes/s`,
  unit: "ms",
  better: "less",
  goals: { node: times(6), deno: times(6) },
};

/** See the module. */
export const mixed: Suite = {
  name: "mixed",
  rows: [ROW],
  async run(bench) {
    const ms = bench.isQuick ? 1_000 : 2_000;
    const contestants = everyTarget(async (server) => {
      const work = workRequests(server.port, 10);
      const nextChange = cycle(askRequests(server.port));
      await loopOver(server, 10_000, { requests: work, connections: 10 });
      const readers = new Readers(server.port, FLOATER_SOCKET);
      await readers.grow(READERS);
      return {
        async measure() {
          // Whoever fell idle since the last turn is at work again before it counts.
          for (const request of work) await sendOnce(server.port, request);
          const sender = await senderAtRate(server, work, EVENTS_PER_SEC, ms);
          await sleep(500);
          readers.forget();
          const stop = changeSteadily(server.port, nextChange);
          const { latencies, fault } = await sender.send();
          const changes = stop();
          await readers.reach(changes, ARRIVAL_MS);
          const details = { p50: median(latencies), changes };
          return [{ row: ROW, value: quantile(latencies, 0.99), fault: fault ?? readers.fault(changes), details }];
        },
        close: () => readers.close(),
      };
    });
    await bench.together(bench.rounds * 2, contestants);
  },
};

/** Changes the aggregate at {@linkcode CHANGES_PER_SEC} until it is stopped; that tells how often it was changed. */
function changeSteadily(port: number, next: () => Uint8Array): () => number {
  const connection = new HttpConnection(port, { onAnswer: () => {} });
  let changes = 0;
  const timer = setInterval(() => {
    changes += 1;
    connection.send(next());
  }, 1000 / CHANGES_PER_SEC);
  return () => {
    clearInterval(timer);
    setTimeout(() => connection.destroy(), ARRIVAL_MS).unref();
    return changes;
  };
}
