/** Requests at a fixed rate, each on a connection of its own, as hooks send them. @module */

import { setImmediate as turn } from "node:timers/promises";
import { cycle } from "./cycle.ts";
import { HttpConnection } from "./http-connection.ts";
import type { Server } from "./server.ts";

/** How long the last answers may take, in milliseconds. */
const PATIENCE_MS = 20_000;

/** What came of it. */
export interface RateResult {
  /** From when each request was due to its answer, in milliseconds; what held up the sender counts too. */
  readonly latencies: readonly number[];
  /** What went wrong, if anything did. */
  readonly fault: string | undefined;
}

/** Sends `perSec` requests each second for `ms` milliseconds. */
export async function sendAtRate(
  server: Server,
  requests: readonly Uint8Array[],
  perSec: number,
  ms: number,
): Promise<RateResult> {
  const total = Math.floor(perSec * ms / 1000);
  const next = cycle(requests);
  const latencies: number[] = [];
  let failed = 0;
  const { promise: isOver, resolve: finish } = Promise.withResolvers<void>();
  const settle = (due: number, isOk: boolean): void => {
    if (isOk) latencies.push(performance.now() - due);
    else failed += 1;
    if (latencies.length + failed === total) finish();
  };
  const startedAt = performance.now();
  for (let i = 0; i < total; i += 1) {
    const due = startedAt + i * 1000 / perSec;
    while (performance.now() < due) await turn();
    sendOne(server.port, next(), (isOk) => settle(due, isOk));
  }
  const timer = setTimeout(finish, PATIENCE_MS);
  await isOver;
  clearTimeout(timer);
  const missing = total - latencies.length;
  return { latencies, fault: missing > 0 ? `${missing} of ${total} requests failed` : undefined };
}

let sent = 0;

/** Connects from changing addresses, so that the ports of ended connections never run out. */
function sendOne(port: number, request: Uint8Array, onEnd: (isOk: boolean) => void): void {
  let isSettled = false;
  const settle = (isOk: boolean): void => {
    if (isSettled) return;
    isSettled = true;
    onEnd(isOk);
    connection.destroy();
  };
  sent += 1;
  const connection = new HttpConnection(port, {
    from: `127.0.0.${2 + sent % 200}`,
    onAnswer: (status) => settle(status >= 200 && status < 300),
    onEnd: () => settle(false),
  });
  void connection.opened.then((isOpen) => isOpen && connection.send(request));
}
