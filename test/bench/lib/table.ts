/** The table of ratios, as text and as Markdown. @module */

import { NOISY_PCT } from "./noise.ts";
import type { Goal, PerchName, Row, Sample } from "./row.ts";
import { type Column, columnOf, type Ratio } from "./statistics.ts";

/** A table: as many cells in each line as in the head. */
export interface Table {
  readonly head: readonly string[];
  readonly lines: readonly (readonly string[])[];
}

const HEAD = ["measure", "peer", "Perch on Node", "ratio", "target", "Perch on Deno", "ratio", "target", "noisy turns"];
const NOTHING = "–";

const numbers = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** The rows that were measured, in their order. */
export function tableOf(rows: readonly Row[], samples: readonly Sample[]): Table {
  const lines: string[][] = [];
  for (const row of rows) {
    const own = samples.filter((sample) => sample.row === row);
    if (own.length === 0) continue;
    const peer = columnOf(own, row, "peer");
    const perch = (["node", "deno"] as const).flatMap((name) => perchCells(own, row, name));
    lines.push([`${row.measure} (${row.unit})`, valueCell(peer), ...perch, noiseCell(own)]);
  }
  return { head: HEAD, lines };
}

/** True when the goal is reached, and no sample has a fault. */
export function isReached(goal: Goal, { samples, value, later, ratio }: Column): boolean {
  if (samples.some(({ fault }) => fault !== undefined)) return false;
  switch (goal.kind) {
    case "ratio":
      return ratio !== undefined && ratio.middle >= goal.least;
    case "value":
      return value <= goal.most && (goal.mostLater === undefined || later <= goal.mostLater);
    case "share":
      return value >= goal.least;
    case "shown":
      return Number.isFinite(value);
  }
}

function perchCells(samples: readonly Sample[], row: Row, name: PerchName): string[] {
  const goal = row.goals[name];
  if (goal === undefined) return [NOTHING, NOTHING, NOTHING];
  const column = columnOf(samples, row, name);
  if (column === undefined) return [NOTHING, NOTHING, `${goalText(goal)}: not measured`];
  const cpu = column.cpuRatio === undefined ? "" : `, CPU ${numbers.format(column.cpuRatio.middle)}x`;
  const ratio = column.ratio === undefined ? NOTHING : ratioText(column.ratio) + cpu;
  return [valueCell(column), ratio, goal.kind === "shown" ? "shown" : `${goalText(goal)}: ${yesOrNo(isReached(goal, column))}`];
}

const yesOrNo = (is: boolean): string => is ? "yes" : "NO";

const ratioText = ({ middle, least, most }: Ratio): string =>
  `${numbers.format(middle)}x (${numbers.format(least)}–${numbers.format(most)})`;

function goalText(goal: Goal): string {
  if (goal.kind === "shown") return "shown";
  if (goal.kind === "ratio") return `≥ ${goal.least}x`;
  if (goal.kind === "share") return `≥ ${goal.least}`;
  return `≤ ${goal.most}${goal.mostLater === undefined ? "" : " and level"}`;
}

function valueCell(column: Column | undefined): string {
  if (column === undefined) return NOTHING;
  const cpu = Number.isNaN(column.cpuUs) ? "" : ` [${numbers.format(column.cpuUs)} µs]`;
  return numbers.format(column.value) + cpu;
}

function noiseCell(samples: readonly Sample[]): string {
  const noisy = samples.filter(({ othersPct }) => othersPct > NOISY_PCT);
  if (noisy.length === 0) return `0 of ${samples.length}`;
  const worst = Math.max(...noisy.map(({ othersPct }) => othersPct));
  return `${noisy.length} of ${samples.length}, up to ${Math.round(worst)} %`;
}

/** One line for each fault that a sample has. */
export function faultsOf(samples: readonly Sample[]): string[] {
  return samples.filter(({ fault }) => fault !== undefined).map(({ row, target, round, fault }) =>
    `${row.measure}, ${target}, round ${round + 1}: ${fault}`
  );
}

/** For a terminal. */
export function asText({ head, lines }: Table): string {
  const widths = head.map((title, at) => Math.max(title.length, ...lines.map((line) => line[at]?.length ?? 0)));
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...lines].map((line) => line.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd()).join(
    "\n",
  );
}

/** For the README. */
export function asMarkdown({ head, lines }: Table): string {
  return [head, head.map(() => "---"), ...lines].map((line) => `| ${line.join(" | ")} |`).join("\n");
}
