/**
 * Runs the tests: every `*.test.ts` under `test/`, each in a process of its own, once on Node and once on Deno.
 *
 *     node test/run.ts [--hard] [--only TEXT] [--runtime node|deno] [FILE...]
 *
 * `--only` takes the files whose path has TEXT in it. FILEs are taken instead of those under `test/`. `--hard` runs what takes
 * long instead of what runs every day: the files in `test/hard`, and with many more rounds those that import
 * `support/hard.ts`. It runs one after the other, and tells the seed of each before, and after it what it has measured.
 *
 * A file passes when its process ends with code 0 and uvu reports at least one test, none failed and none left out. Processes
 * that a file starts are ended with it. Comments at the top of a file ask for more:
 *
 *     // limit: 300 s        may take so long; else 20 s, or 120 s in test/contracts, examples, package and browser
 *     // hard limit: 600 s   may take so long with `--hard`; else 900 s. A file in test/hard says `limit`
 *     // runtime: node       runs on this runtime only
 *     // needs: chromium     is skipped, and told so, where that is not: see support/runner/needs.ts. With PERCH_REQUIRE_ALL=1
 *                            it fails instead; for Chromium alone PERCH_REQUIRE_CHROMIUM=1 does
 *
 * The last line is `N passed, N failed`, in tests, with `, N skipped`, in files, if any was. A file that fails without a
 * count counts as one test. The exit code is 0 when all passed, 1 when one failed or none ran, 2 for arguments that are wrong.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { killAllChildren, type Outcome, runChild } from "./support/runner/child.ts";
import { isRequired, type Need, whyNotMet } from "./support/runner/needs.ts";
import { findTestFiles, readTestFile, type Runtime, RUNTIMES, type TestFile } from "./support/runner/test-file.ts";
import { judge } from "./support/runner/verdict.ts";

type Run = TestFile & { readonly runtime: Runtime };

const COMMANDS: Readonly<Record<Runtime, readonly [string, ...string[]]>> = {
  node: [process.execPath],
  deno: [fileURLToPath(new URL("../node_modules/.bin/deno", import.meta.url)), "run", "-A"],
};

const sum = { passed: 0, failed: 0, skipped: 0 };

function fail(title: string, problem: string, output = "", failed = 1): void {
  sum.failed += failed;
  console.log(`failed ${title}: ${problem}\n${output}`);
}

/** The runs that are asked for and possible. */
function planRuns({ paths, only, runtimes, isHard }: Wish): Run[] {
  const runs: Run[] = [];
  for (const path of paths.filter((path) => path.includes(only))) {
    try {
      const file = readTestFile(path, isHard);
      const missing = file.needs.find((need) => whyNotMet(need, process.env) !== undefined);
      if (missing !== undefined) {
        miss(path, missing);
        continue;
      }
      for (const runtime of file.runtimes) if (runtimes.includes(runtime)) runs.push({ ...file, runtime });
    } catch (error) {
      fail(path, String(error));
    }
  }
  return runs;
}

function miss(path: string, need: Need): void {
  const problem = `${whyNotMet(need, process.env)}`;
  if (isRequired(need, process.env)) return fail(path, problem);
  sum.skipped += 1;
  console.log(`skipped ${path}: ${problem}`);
}

async function run({ path, runtime, limitMs }: Run, isHard: boolean): Promise<void> {
  const title = `${path} on ${runtime}`;
  const command = [...COMMANDS[runtime], path] as const;
  try {
    const outcome = await (isHard ? runHard(title, command, limitMs) : runChild(command, limitMs));
    const verdict = judge(outcome, limitMs);
    sum.passed += verdict.passed;
    if (verdict.problem !== undefined) fail(title, verdict.problem, outcome.output, verdict.failed);
  } catch (error) {
    fail(title, String(error));
  }
}

/** Tells the seed before, and the time and what was measured after. */
async function runHard(title: string, command: readonly [string, ...string[]], limitMs: number): Promise<Outcome> {
  const seed = process.env["TEST_SEED"] ?? String(Date.now() % 2 ** 31);
  console.log(`TEST_SEED=${seed} for ${title}, at most ${limitMs / 1000} s`);
  const begun = performance.now();
  const outcome = await runChild(command, limitMs, { TEST_SEED: seed, PERCH_HARD: "1" });
  for (const [line] of outcome.stdout.matchAll(/\bmeasured .*$/gm)) console.log(`  ${line}`);
  console.log(`  took ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return outcome;
}

/** Runs all, as many at once as there are cores; what is hard needs them all for itself. */
async function runAll(runs: Iterable<Run>, isHard: boolean): Promise<void> {
  const queue = runs[Symbol.iterator]();
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await run(next.value, isHard);
  };
  await Promise.all(Array.from({ length: isHard ? 1 : availableParallelism() }, work));
}

interface Wish {
  readonly only: string;
  readonly runtimes: readonly Runtime[];
  readonly isHard: boolean;
  readonly paths: readonly string[];
}

function readArguments(): Wish {
  const options = {
    only: { type: "string", default: "" },
    runtime: { type: "string" },
    hard: { type: "boolean", default: false },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { only, hard: isHard } = values;
  const runtimes = RUNTIMES.filter((runtime) => values.runtime === undefined || values.runtime === runtime);
  if (runtimes.length === 0) throw new Error(`Cannot run on "${values.runtime}": --runtime takes ${RUNTIMES.join(" or ")}`);
  return { only, isHard, runtimes, paths: positionals.length > 0 ? positionals : findTestFiles(isHard) };
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  process.on(signal, () => {
    killAllChildren();
    process.exit(code);
  });
}

try {
  const wish = readArguments();
  const { only, paths, isHard } = wish;
  const runs = planRuns(wish);
  if (runs.length === 0) console.log(`nothing to run: ${paths.length} test files, none of them for --only "${only}" here`);
  await runAll(runs, isHard);
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : "";
  console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`);
  process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
