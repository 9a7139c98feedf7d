/** Memory for each idle reader, and for each session. @module */

import { setTimeout as sleep } from "node:timers/promises";
import { type Contestant, everyTarget, type Player, type Suite } from "../lib/bench.ts";
import { loopOver } from "../lib/closed-loop.ts";
import { Readers } from "../lib/readers.ts";
import { startRequests, workRequests } from "../lib/requests.ts";
import { type Row, SHOWN, times } from "../lib/row.ts";
import type { Server } from "../lib/server.ts";
import { FLOATER_SOCKET } from "../lib/wire.ts";

const READERS = 5_000;
const SESSIONS = 50_000;

/** Readers that were there before, so that the first ones of all are not counted. */
const FIRST_READERS = 50;

const READER_ROW: Row = {
  measure: `memory of an idle WS reader (${READERS.toLocaleString("en")})`,
  unit: "KiB",
  better: "less",
  goals: { node: times(1.3), deno: SHOWN },
};
const SESSION_ROW: Row = {
  measure: `memory of a session (${SESSIONS.toLocaleString("en")})`,
  unit: "KiB",
  better: "less",
  goals: { node: times(1.6), deno: times(2) },
};

/** See the module. */
export const memory: Suite = {
  name: "memory",
  rows: [READER_ROW, SESSION_ROW],
  isLong: true,
  async run(bench) {
    await bench.afresh(bench.rounds, once(everyTarget(prepareReaders)));
    await bench.afresh(Math.min(2, bench.rounds), once(everyTarget(prepareSessions)));
  },
};

const once = (contestants: readonly Contestant[]): Contestant[] =>
  contestants.map((contestant) => ({ ...contestant, isRepeatable: false }));

async function prepareReaders(server: Server): Promise<Player> {
  const readers = new Readers(server.port, FLOATER_SOCKET);
  await readers.grow(FIRST_READERS);
  await sleep(1_500);
  return {
    async measure() {
      const before = server.residentMiB();
      await readers.grow(FIRST_READERS + READERS);
      await sleep(2_000);
      return [{ row: READER_ROW, value: (server.residentMiB() - before) * 1024 / READERS, fault: readers.fault(0) }];
    },
    close: () => readers.close(),
  };
}

async function prepareSessions(server: Server): Promise<Player> {
  await loopOver(server, 20_000, { requests: workRequests(server.port, 1), connections: 16 });
  await sleep(1_000);
  return {
    async measure() {
      const before = server.residentMiB();
      const requests = startRequests(server.port, SESSIONS);
      const { fault } = await loopOver(server, SESSIONS, { requests, connections: 16 });
      await sleep(1_500);
      return [{ row: SESSION_ROW, value: (server.residentMiB() - before) * 1024 / SESSIONS, fault }];
    },
  };
}
