/** Requests at a fixed rate, from a thread of their own: what the readers of this process are told holds up none of them. @module */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import * as v from "valibot";
import type { Server } from "./server.ts";

const Result = v.object({ latencies: v.array(v.number()), fault: v.optional(v.string()) });

/** What came of it. */
export interface RateResult {
  /** From when each request was due to its answer, in milliseconds; what held up the sender counts too. */
  readonly latencies: readonly number[];
  /** What went wrong, if anything did. */
  readonly fault?: string | undefined;
}

/** What the thread is told. */
export interface Rate {
  readonly port: number;
  readonly requests: readonly Uint8Array[];
  readonly perSec: number;
  readonly ms: number;
}

/** A thread that is ready to send. */
export interface RateSender {
  /** Begins to send; resolves with what came of it. */
  send(): Promise<RateResult>;
}

/** Makes ready to send `perSec` requests each second for `ms` milliseconds. */
export async function senderAtRate(
  { port }: Server,
  requests: readonly Uint8Array[],
  perSec: number,
  ms: number,
): Promise<RateSender> {
  const rate: Rate = { port, requests, perSec, ms };
  const worker = new Worker(new URL("./open-loop-thread.ts", import.meta.url), { workerData: rate });
  await once(worker, "message");
  return {
    async send() {
      worker.postMessage("send");
      const [result] = await once(worker, "message");
      await worker.terminate();
      return v.parse(Result, result);
    },
  };
}
