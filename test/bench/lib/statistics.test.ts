// runtime: node
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Sample, times } from "./row.ts";
import { columnOf, median, quantile, ratioOf } from "./statistics.ts";

const ROW = { measure: "m", unit: "u", better: "more", goals: { node: times(2) } } as const;

const sample = (target: Sample["target"], round: number, value: number, cpuUs?: number): Sample => ({
  row: ROW,
  target,
  round,
  value,
  othersPct: 0,
  ...(cpuUs === undefined ? {} : { cpuUs }),
});

test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])], [2, 2.5, 7]);
  assert.ok(Number.isNaN(median([])));
});

test("a quantile is the least value that is not below its share", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal([quantile(hundred, 0.99), quantile(hundred, 0.5), quantile(hundred, 1), quantile([5], 0.99)], [99, 50, 100, 5]);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test("a ratio pairs the turns of one round, and says how much they differ", () => {
  const ours = new Map([[0, 10], [1, 30], [2, 80], [3, 5]]);
  const theirs = new Map([[0, 10], [1, 10], [2, 20]]);
  assert.equal(ratioOf(ours, theirs, "more"), { middle: 3, least: 1, most: 4 });
  assert.equal(ratioOf(ours, theirs, "less"), { middle: 1 / 3, least: 0.25, most: 1 });
  assert.is(ratioOf(ours, new Map([[9, 1]]), "more"), undefined);
});

test("a column has the medians of its own target, and its ratios to the peer", () => {
  const samples = [
    sample("peer", 0, 10, 4),
    sample("node", 0, 20, 2),
    sample("peer", 1, 10, 4),
    sample("node", 1, 40, 1),
    sample("deno", 1, 1_000),
  ];
  const column = columnOf(samples, ROW, "node");
  assert.equal([column?.value, column?.cpuUs, column?.ratio?.middle, column?.cpuRatio?.middle], [30, 1.5, 3, 3]);
  assert.is(columnOf(samples, ROW, "peer")?.ratio, undefined);
  assert.is(columnOf([], ROW, "node"), undefined);
});

test.run();
