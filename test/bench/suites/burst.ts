/** Many agents change something in one moment: how long until every reader has the last word. @module */

import { setTimeout as sleep } from "node:timers/promises";
import { everyTarget, type Suite } from "../lib/bench.ts";
import { loopOver } from "../lib/closed-loop.ts";
import { sendOnce } from "../lib/http-connection.ts";
import { Readers } from "../lib/readers.ts";
import { askRequests, switchRequest } from "../lib/requests.ts";
import { type Row, times } from "../lib/row.ts";
import type { Server } from "../lib/server.ts";
import { median } from "../lib/statistics.ts";
import { FLOATER_SOCKET } from "../lib/wire.ts";

const READERS = 1_000;
const CHANGES = 200;
const CONNECTIONS = 50;
const PATIENCE_MS = 30_000;

/** Bursts of one turn; the one in the middle counts. */
const BURSTS = 3;

const ROW: Row = {
  measure: `burst of ${CHANGES} changes from ${CONNECTIONS} connections, ${READERS.toLocaleString("en")} readers converged`,
  unit: "ms",
  better: "less",
  goals: { node: times(7), deno: times(7) },
};

/** See the module. */
export const burst: Suite = {
  name: "burst",
  rows: [ROW],
  async run(bench) {
    const contestants = everyTarget(async (server) => {
      const readers = new Readers(server.port, FLOATER_SOCKET);
      await readers.grow(READERS);
      await converge(server, readers);
      return {
        async measure() {
          const bursts = [];
          for (let i = 0; i < BURSTS; i += 1) bursts.push(await converge(server, readers));
          const fault = bursts.find((one) => one.fault !== undefined)?.fault;
          return [{ row: ROW, value: median(bursts.map(({ ms }) => ms)), fault }];
        },
        close: () => readers.close(),
      };
    });
    await bench.together(bench.rounds * 2, contestants);
  },
};

let bursts = 0;

async function converge(
  server: Server,
  readers: Readers,
): Promise<{ readonly ms: number; readonly fault: string | undefined }> {
  bursts += 1;
  const marker = `end-${bursts}-`;
  await sleep(300);
  const startedAt = performance.now();
  const seen = readers.see(marker, PATIENCE_MS);
  const depth = CHANGES / CONNECTIONS;
  const sent = await loopOver(server, CHANGES, { requests: askRequests(server.port), connections: CONNECTIONS, depth });
  await sendOnce(server.port, switchRequest(server.port, marker));
  const isSeen = await seen;
  const ms = performance.now() - startedAt;
  return { ms, fault: sent.fault ?? (isSeen ? undefined : `not all readers saw the end within ${PATIENCE_MS} ms`) };
}
