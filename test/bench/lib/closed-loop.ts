/** As many requests as a server takes: each connection sends the next one when it has been answered. @module */

import { cycle } from "./cycle.ts";
import { HttpConnection } from "./http-connection.ts";
import type { Server } from "./server.ts";

/** What is sent, and over how many connections. */
export interface LoopOptions {
  /** Sent in turn, over and over. */
  readonly requests: readonly Uint8Array[];
  readonly connections: number;
  /** Requests in flight on each connection. Default 1. */
  readonly depth?: number;
}

/** What came of it. */
export interface LoopResult {
  readonly answered: number;
  readonly perSec: number;
  /** CPU of the server for one answer, in microseconds. */
  readonly cpuUs: number;
  /** CPU of this process, in percent of one core: near 85 and more, it is the load and not the server that is the limit. */
  readonly clientPct: number;
  /** What went wrong, if anything did. */
  readonly fault: string | undefined;
}

/** Sends for `ms` milliseconds. */
export function loopFor(server: Server, ms: number, options: LoopOptions): Promise<LoopResult> {
  return loop(server, Infinity, options, (finish) => void setTimeout(finish, ms));
}

/** Sends `count` requests. */
export function loopOver(server: Server, count: number, options: LoopOptions): Promise<LoopResult> {
  return loop(server, count, options, () => {});
}

async function loop(
  server: Server,
  count: number,
  { requests, connections: size, depth = 1 }: LoopOptions,
  limit: (finish: () => void) => void,
): Promise<LoopResult> {
  const next = cycle(requests);
  const { promise: isOver, resolve: finish } = Promise.withResolvers<void>();
  let sent = 0;
  let answered = 0;
  let failed = 0;
  let isRunning = true;
  const send = (connection: HttpConnection): void => {
    if (sent === count) return;
    sent += 1;
    connection.send(next());
  };
  const count1 = (status: number): void => {
    if (status >= 200 && status < 300) answered += 1;
    else failed += 1;
    if (answered + failed === count) finish();
  };
  const connections = Array.from({ length: size }, () => {
    const connection: HttpConnection = new HttpConnection(server.port, {
      onAnswer(status) {
        count1(status);
        if (isRunning) send(connection);
      },
      onEnd() {
        if (!isRunning) return;
        failed += Math.max(1, connection.inFlight);
        finish();
      },
    });
    return connection;
  });
  await Promise.all(connections.map(({ opened }) => opened));
  const meter = startMeter(server);
  limit(finish);
  for (const connection of connections) for (let i = 0; i < depth; i += 1) send(connection);
  await isOver;
  const measured = meter(answered);
  isRunning = false;
  for (const connection of connections) connection.destroy();
  return { answered, ...measured, fault: failed > 0 ? `${failed} of ${sent} requests failed` : undefined };
}

/** Starts to measure; what it returns tells what `answers` have cost since. */
function startMeter(server: Server): (answers: number) => Omit<LoopResult, "answered" | "fault"> {
  const cpu = server.cpuMs();
  const own = process.cpuUsage();
  const startedAt = performance.now();
  return (answers) => {
    const ms = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(own);
    return {
      perSec: answers / ms * 1000,
      cpuUs: (server.cpuMs() - cpu) * 1000 / answers,
      clientPct: (user + system) / 1000 / ms * 100,
    };
  };
}
