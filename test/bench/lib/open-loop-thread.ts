/** The thread of `open-loop.ts`: each request on a connection of its own, as hooks send them. @module */

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import * as v from "valibot";
import { cycle } from "./cycle.ts";
import { HttpConnection } from "./http-connection.ts";
import type { Rate, RateResult } from "./open-loop.ts";

/** How long the last answers may take, in milliseconds. */
const PATIENCE_MS = 20_000;

const RateShape = v.object({
  port: v.number(),
  requests: v.array(v.instance(Uint8Array)),
  perSec: v.number(),
  ms: v.number(),
});

async function sendAll({ port, requests, perSec, ms }: Rate): Promise<RateResult> {
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
    while (performance.now() < due) await sleep(1);
    sendOne(port, next(), i, (isOk) => settle(due, isOk));
  }
  const timer = setTimeout(finish, PATIENCE_MS);
  await isOver;
  clearTimeout(timer);
  const missing = total - latencies.length;
  return { latencies, fault: missing > 0 ? `${missing} of ${total} requests failed` : undefined };
}

/** Connects from changing addresses, so that the ports of ended connections never run out. */
function sendOne(port: number, request: Uint8Array, index: number, onEnd: (isOk: boolean) => void): void {
  let isSettled = false;
  const settle = (isOk: boolean): void => {
    if (isSettled) return;
    isSettled = true;
    onEnd(isOk);
    connection.destroy();
  };
  const connection = new HttpConnection(port, {
    from: `127.0.0.${2 + index % 200}`,
    onAnswer: (status) => settle(status >= 200 && status < 300),
    onEnd: () => settle(false),
  });
  void connection.opened.then((isOpen) => isOpen && connection.send(request));
}

if (parentPort === null) throw new Error("This file is for a worker thread");
const rate = v.parse(RateShape, workerData);
parentPort.postMessage("ready");
await once(parentPort, "message");
parentPort.postMessage(await sendAll(rate));
