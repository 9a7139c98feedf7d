/** What a broker counts, as Prometheus reads it. @module */

import { setTimeout as wait } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { ask } from "../support/http.ts";
import { PATIENCE_MS } from "../support/inbox.ts";
import { parseMetrics, type ShownMetric, valueOf } from "../support/prometheus.ts";
import type { StartBroker } from "./server.ts";

/** One scrape. */
export type Metrics = ReadonlyMap<string, ShownMetric>;

/** Starts a broker whose metrics every program may read. */
export function startShown(start: StartBroker, ...flags: readonly string[]): Promise<ServerProcess> {
  return start("--metrics", "loopback", ...flags);
}

/** Scrapes. */
export async function scrape({ url }: ServerProcess): Promise<Metrics> {
  const { status, text } = await ask(`${url}/metrics`);
  assert.is(status, 200);
  return parseMetrics(text);
}

/** Scrapes until it is so. */
export async function scrapeUntil(perch: ServerProcess, sought: string, isSo: (metrics: Metrics) => boolean): Promise<Metrics> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const metrics = await scrape(perch);
    if (isSo(metrics)) return metrics;
    if (performance.now() > deadline) throw new Error(`No ${sought} within ${PATIENCE_MS} ms`);
    await wait(20);
  }
}

/** The value of a sample, 0 when it is not shown. */
export function of(metrics: Metrics, sample: string): number {
  return valueOf(metrics, sample) ?? 0;
}

/** How much samples have grown from one scrape to another. */
export function growth(before: Metrics, after: Metrics, ...samples: readonly string[]): number[] {
  return samples.map((sample) => of(after, sample) - of(before, sample));
}

/** Nothing that only grows has become less. */
export function assertGrown(before: Metrics, after: Metrics): void {
  for (const [name, { type, samples }] of before) {
    if (type === "gauge") continue;
    for (const [sample, value] of samples) assert.ok(of(after, sample) >= value, `${name}: ${sample} fell from ${value}`);
  }
}
