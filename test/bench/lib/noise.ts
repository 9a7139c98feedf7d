/** How busy other processes keep the machine, and how long to wait for quiet. @module */

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMsOf } from "./process.ts";

/** A turn in which others used more than this of one core, in percent, counts as noisy. */
export const NOISY_PCT = 20;

/** How long a turn waits for quiet at most, in milliseconds, so that a busy machine cannot hold up the run for ever. */
const MOST_WAIT_MS = 3_000;

/** How often a noisy turn is repeated. */
const REPEATS = 2;

const TICK_MS = 10;

/** What was measured, and how busy others were meanwhile. */
export interface Gated<Result> {
  readonly result: Result;
  readonly othersPct: number;
}

/**
 * Starts to watch all processes but this one and those whose CPU time `knownMs` tells; what it returns tells how busy they have
 * been since, in percent of one core.
 */
export function watchOthers(knownMs: () => number): () => number {
  const others = () => busyMs() - cpuMsOf(process.pid) - knownMs();
  const startedAt = performance.now();
  const before = others();
  return () => Math.max(0, (others() - before) / (performance.now() - startedAt) * 100);
}

/** Measures in a quiet moment, if one comes, and again when it was noisy after all; of noisy results the quietest counts. */
export async function measureInQuiet<Result>(
  knownMs: () => number,
  isRepeatable: boolean,
  measure: () => Promise<Result>,
): Promise<Gated<Result>> {
  let best: Gated<Result> | undefined;
  for (let attempt = 0; attempt <= (isRepeatable ? REPEATS : 0); attempt += 1) {
    await waitForQuiet(knownMs);
    const watch = watchOthers(knownMs);
    const gated = { result: await measure(), othersPct: watch() };
    if (best === undefined || gated.othersPct < best.othersPct) best = gated;
    if (best.othersPct <= NOISY_PCT) break;
  }
  if (best === undefined) throw new Error("Nothing was measured");
  return best;
}

/** Resolves once others are quiet, or after {@linkcode MOST_WAIT_MS}. */
export async function waitForQuiet(knownMs: () => number): Promise<void> {
  const until = performance.now() + MOST_WAIT_MS;
  while (performance.now() < until) {
    const watch = watchOthers(knownMs);
    await sleep(120);
    if (watch() <= NOISY_PCT) return;
  }
}

/** What all cores together have worked so far, time that the host took away included. */
function busyMs(): number {
  const [user = 0, nice = 0, system = 0, _idle, _iowait, irq = 0, softirq = 0, steal = 0] =
    readFileSync("/proc/stat", "latin1").split("\n", 1)[0]?.trim().split(/\s+/).slice(1).map(Number) ?? [];
  return (user + nice + system + irq + softirq + steal) * TICK_MS;
}
