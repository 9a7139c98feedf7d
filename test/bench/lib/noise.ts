/** How busy other processes keep the machine, and how long to wait for quiet. @module */

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { cpuMsOf } from "./process.ts";

/** A turn in which others used more than this of one core, in percent, counts as noisy. */
export const NOISY_PCT = 20;

/** How long one turn waits for quiet at most, in milliseconds. */
const MOST_WAIT_MS = 3_000;

/** How often a noisy turn is repeated. */
const REPEATS = 2;

const TICK_MS = 10;

/** What was measured, and how busy others were meanwhile. */
export interface Gated<Result> {
  readonly result: Result;
  readonly othersPct: number;
}

/** Measures in quiet moments, as long as waiting for them and repeating have not used up the time that there is for that. */
export class NoiseGate {
  #budgetMs: number;

  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  /**
   * Measures in a quiet moment, if one comes, and again when it was noisy after all; of noisy results the quietest counts.
   *
   * @param knownMs CPU that the processes under test have used so far, in milliseconds: they are no noise.
   */
  async measure<Result>(knownMs: () => number, isRepeatable: boolean, measure: () => Promise<Result>): Promise<Gated<Result>> {
    if (this.#budgetMs > 0) await this.#spend(() => waitForQuiet(knownMs));
    let best = await watched(knownMs, measure);
    for (let i = 0; i < REPEATS && isRepeatable && best.othersPct > NOISY_PCT && this.#budgetMs > 0; i += 1) {
      const again = await this.#spend(async () => {
        await waitForQuiet(knownMs);
        return watched(knownMs, measure);
      });
      if (again.othersPct < best.othersPct) best = again;
    }
    return best;
  }

  async #spend<Result>(act: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await act();
    this.#budgetMs -= performance.now() - startedAt;
    return result;
  }
}

async function watched<Result>(knownMs: () => number, measure: () => Promise<Result>): Promise<Gated<Result>> {
  const watch = watchOthers(knownMs);
  return { result: await measure(), othersPct: watch() };
}

/** Starts to watch all other processes; what it returns tells how busy they have been since, in percent of one core. */
function watchOthers(knownMs: () => number): () => number {
  const others = () => busyMs() - cpuMsOf(process.pid) - knownMs();
  const startedAt = performance.now();
  const before = others();
  return () => Math.max(0, (others() - before) / (performance.now() - startedAt) * 100);
}

/** Resolves once others are quiet, or after {@linkcode MOST_WAIT_MS}. */
async function waitForQuiet(knownMs: () => number): Promise<void> {
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
