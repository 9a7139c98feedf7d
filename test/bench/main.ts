/**
 * Compares Perch on Node and on Deno with the mavis pet broker 0.7.4. They take turns in one run, and each turn is compared
 * with the peer's turn of the same round, so that the ratios hold on a machine that is not quiet. Needs Linux.
 *
 *     node test/bench/main.ts [--only SUITE,...] [--rounds N] [--quick] [--json FILE] [--markdown FILE]
 *
 * `--quick` shows in about two minutes whether all works; its numbers say little. An interrupted run still shows what it has
 * measured. The exit code is 0 when all was measured without a fault, whether or not the goals are reached, 1 when not, and 2
 * for arguments that are wrong.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { Bench, type Suite } from "./lib/bench.ts";
import { circumstances, describe } from "./lib/machine.ts";
import { type Options, readOptions } from "./lib/options.ts";
import { pinLoad } from "./lib/pinning.ts";
import { asMarkdown, asText, faultsOf, tableOf } from "./lib/table.ts";
import { batches } from "./suites/batches.ts";
import { burst } from "./suites/burst.ts";
import { changes, sse } from "./suites/changes.ts";
import { durable } from "./suites/durable.ts";
import { ingest } from "./suites/ingest.ts";
import { lastReader } from "./suites/last-reader.ts";
import { memory } from "./suites/memory.ts";
import { mixed } from "./suites/mixed.ts";
import { silence } from "./suites/silence.ts";
import { stalled } from "./suites/stalled.ts";
import { start } from "./suites/start.ts";

const SUITES: readonly Suite[] = [
  ingest,
  durable,
  batches,
  mixed,
  lastReader,
  changes,
  sse,
  burst,
  stalled,
  memory,
  silence,
  start,
];

async function run({ only, rounds, isQuick, jsonFile, markdownFile }: Options): Promise<number> {
  pinLoad();
  const bench = new Bench(rounds, isQuick);
  const place = circumstances();
  const report = (): number => {
    const table = tableOf(SUITES.flatMap(({ rows }) => rows), bench.samples);
    const faults = [...faultsOf(bench.samples), ...bench.problems];
    console.log([describe(place), "", asText(table), ...faults.map((fault) => `fault: ${fault}`)].join("\n"));
    if (markdownFile !== undefined) writeFileSync(markdownFile, `${describe(place)}\n\n${asMarkdown(table)}\n`);
    return faults.length === 0 ? 0 : 1;
  };
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.once(signal, () => {
      report();
      process.exit(code);
    });
  }
  for (const suite of SUITES) {
    if (only.length === 0 ? isQuick && suite.isLong : !only.includes(suite.name)) continue;
    const startedAt = performance.now();
    await suite.run(bench);
    console.error(`${suite.name}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
    const measured = { ...place, rounds, isQuick, problems: bench.problems, samples: bench.samples };
    if (jsonFile !== undefined) writeFileSync(jsonFile, JSON.stringify(measured, undefined, 1));
  }
  return report();
}

function options(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2), SUITES.map(({ name }) => name));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}

const asked = options();
process.exitCode = asked === undefined ? 2 : await run(asked);
