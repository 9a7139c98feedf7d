/** Changes as fast as they are taken, until every reader has been told of every one. @module */

import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Contestant, Player, Suite } from "../lib/bench.ts";
import { changeInTurns } from "../lib/change-in-turns.ts";
import { sendOnce } from "../lib/http-connection.ts";
import { Readers } from "../lib/readers.ts";
import { switchRequest } from "../lib/requests.ts";
import { type PerchName, type Reading, type Row, type TargetName, times } from "../lib/row.ts";
import type { Server } from "../lib/server.ts";
import { BATCHED_SOCKET, EVENT_STREAM, FLOATER_SOCKET, type Wire } from "../lib/wire.ts";

const PATIENCE_MS = 60_000;

/** Changes of one race by number of readers. */
const CHANGES = { 100: 1_500, 1000: 200 } as const;

type Size = keyof typeof CHANGES;

const rowFor = (what: string, goals: Row["goals"]): Row => (
  { measure: what, unit: "changes/s [CPU per message]", better: "more", goals }
);

/** Rows by number of readers, and who is measured for them over what. */
interface Field {
  readonly size: Size;
  readonly entries: readonly { readonly target: TargetName; readonly wire: Wire; readonly rows: readonly Row[] }[];
}

function socketField(size: Size, node: number, deno: number): Field {
  const plain = rowFor(`changes to ${size} readers, every message, v0 /ws`, { node: times(node), deno: times(deno) });
  const batched = rowFor(`changes to ${size} readers, every message, /v1/ws?batch=1; peer: /ws`, { deno: times(deno) });
  return {
    size,
    entries: [
      { target: "peer", wire: FLOATER_SOCKET, rows: [plain, batched] },
      { target: "node", wire: FLOATER_SOCKET, rows: [plain] },
      { target: "deno", wire: FLOATER_SOCKET, rows: [plain] },
      { target: "deno", wire: BATCHED_SOCKET, rows: [batched] },
    ],
  };
}

function eventsField(size: Size, node: number, deno: number): Field {
  const goals: Record<PerchName, ReturnType<typeof times>> = { node: times(node), deno: times(deno) };
  const rows = [rowFor(`changes to ${size} readers, every message, SSE /events; peer: /ws`, goals)];
  return {
    size,
    entries: [
      { target: "peer", wire: FLOATER_SOCKET, rows },
      { target: "node", wire: EVENT_STREAM, rows },
      { target: "deno", wire: EVENT_STREAM, rows },
    ],
  };
}

const suiteOf = (name: string, fields: readonly Field[]): Suite => ({
  name,
  rows: fields.flatMap(({ entries }) => [...new Set(entries.flatMap(({ rows }) => rows))]),
  async run(bench) {
    for (const { size, entries } of fields) {
      const contestants = entries.map(({ target, wire, rows }): Contestant => (
        { target, prepare: (server) => play(bench, server, wire, size, rows) }
      ));
      await bench.together(bench.rounds * 2, contestants);
    }
  },
});

/** Over WebSockets. */
export const changes: Suite = suiteOf("changes", [socketField(100, 5, 5), socketField(1000, 12, 15)]);

/** Over event streams, against the peer's WebSockets. */
export const sse: Suite = suiteOf("sse", [eventsField(100, 3, 5), eventsField(1000, 6, 10)]);

async function play(bench: Bench, server: Server, wire: Wire, size: Size, rows: readonly Row[]): Promise<Player> {
  const readers = new Readers(server.port, wire);
  await readers.grow(size);
  await race(server, readers, CHANGES[size]);
  const turnMs = bench.isQuick ? 300 : 1_000;
  return {
    async measure() {
      const races: Race[] = [];
      let ms = 0;
      let fault: string | undefined;
      while (ms < turnMs && fault === undefined) {
        const done = await race(server, readers, CHANGES[size]);
        ms += done.ms;
        fault = done.fault;
        races.push(done);
        await sleep(50);
      }
      const total = races.length * CHANGES[size];
      const cpuUs = races.reduce((sum, done) => sum + done.cpuMs, 0) * 1000 / (total * size);
      const details = { races: races.length };
      return rows.map((row): Reading => ({ row, value: total / ms * 1000, cpuUs, fault, details }));
    },
    close: () => readers.close(),
  };
}

interface Race {
  readonly ms: number;
  readonly cpuMs: number;
  readonly fault: string | undefined;
}

let races = 0;

/** Changes the aggregate `count` times, and marks the end with a pet that is told after all of them. */
async function race(server: Server, readers: Readers, count: number): Promise<Race> {
  races += 1;
  const marker = `end-${races}-`;
  readers.forget();
  const cpu = server.cpuMs();
  const startedAt = performance.now();
  const seen = readers.see(marker, PATIENCE_MS);
  const sent = await changeInTurns(server, count);
  await sendOnce(server.port, switchRequest(server.port, marker));
  const isSeen = await seen;
  const ms = performance.now() - startedAt;
  const missed = isSeen ? readers.fault(count) : `not all readers saw the end within ${PATIENCE_MS} ms`;
  return { ms, cpuMs: server.cpuMs() - cpu, fault: sent.fault ?? missed };
}
