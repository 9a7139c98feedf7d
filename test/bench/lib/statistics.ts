/** Numbers of paired turns. @module */

import type { Row, Sample, TargetName } from "./row.ts";

/** The middle value; of an even number of values the mean of the two in the middle; NaN of none. */
export function median(values: Iterable<number>): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[(sorted.length >> 1) - 1] ?? NaN) + upper) / 2;
}

/** The least value that is not below `share` (0 to 1) of all values; NaN of none. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** How many times better, in the middle, at worst and at best. */
export interface Ratio {
  readonly middle: number;
  readonly least: number;
  readonly most: number;
}

/** How many times better `ours` are than the `theirs` of the same rounds; undefined when no round has both. */
export function ratioOf(
  ours: ReadonlyMap<number, number>,
  theirs: ReadonlyMap<number, number>,
  better: Row["better"],
): Ratio | undefined {
  const ratios: number[] = [];
  for (const [round, our] of ours) {
    const their = theirs.get(round);
    if (their !== undefined && our > 0 && their > 0) ratios.push(better === "more" ? our / their : their / our);
  }
  if (ratios.length === 0) return undefined;
  return { middle: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** What one target has shown of one row. */
export interface Column {
  readonly samples: readonly Sample[];
  readonly value: number;
  readonly cpuUs: number;
  readonly later: number;
  /** Against the peer; undefined for the peer itself and where the peer has no value. */
  readonly ratio: Ratio | undefined;
  readonly cpuRatio: Ratio | undefined;
}

/** Sums up the samples of `row` and `target`; undefined when there are none. */
export function columnOf(all: readonly Sample[], row: Row, target: TargetName): Column | undefined {
  const of = (name: TargetName) => all.filter((sample) => sample.row === row && sample.target === name);
  const samples = of(target);
  if (samples.length === 0) return undefined;
  const peer = target === "peer" ? [] : of("peer");
  const values = byRound(samples, ({ value }) => value);
  const cpu = byRound(samples, ({ cpuUs }) => cpuUs);
  return {
    samples,
    value: median(values.values()),
    cpuUs: median(cpu.values()),
    later: median(byRound(samples, ({ later }) => later).values()),
    ratio: ratioOf(values, byRound(peer, ({ value }) => value), row.better),
    cpuRatio: ratioOf(cpu, byRound(peer, ({ cpuUs }) => cpuUs), "less"),
  };
}

function byRound(samples: readonly Sample[], pick: (sample: Sample) => number | undefined): Map<number, number> {
  const picked = new Map<number, number>();
  for (const sample of samples) {
    const number = pick(sample);
    if (number !== undefined) picked.set(sample.round, number);
  }
  return picked;
}
