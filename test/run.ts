/**
 * Runs the tests: every `*.test.ts` under `test/`, each in a process of its own, once on Node and once on Deno.
 *
 *     node test/run.ts [--only TEXT] [--runtime node|deno] [FILE...]
 *
 * `--only` takes the files whose path has TEXT in it. FILEs are taken instead of those under `test/`.
 *
 * A file passes when its process ends with code 0 and uvu reports at least one test, none failed and none left out. Processes
 * that a file starts are ended with it. Comments at the top of a file ask for more:
 *
 *     // limit: 300 s        may take so long; else 20 s, or 120 s in test/contracts, examples, package and browser
 *     // runtime: node       runs on this runtime only
 *     // needs: chromium     is skipped, and told so, where no Chromium is; with PERCH_REQUIRE_CHROMIUM=1 it fails
 *
 * The last line is `N passed, N failed`, in tests, with `, N skipped`, in files, if any was. A file that fails without a
 * count counts as one test. The exit code is 0 when all passed, 1 when one failed or none ran, 2 for arguments that are wrong.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { killAllChildren, runChild } from "./support/runner/child.ts";
import {
  findChromium,
  findTestFiles,
  readTestFile,
  type Runtime,
  RUNTIMES,
  type TestFile,
} from "./support/runner/test-file.ts";
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
function planRuns(paths: readonly string[], only: string, runtimes: readonly Runtime[]): Run[] {
  const runs: Run[] = [];
  for (const path of paths.filter((path) => path.includes(only))) {
    try {
      const file = readTestFile(path);
      if (file.needsChromium && findChromium(process.env) === undefined) {
        missChromium(path);
        continue;
      }
      for (const runtime of file.runtimes) if (runtimes.includes(runtime)) runs.push({ ...file, runtime });
    } catch (error) {
      fail(path, String(error));
    }
  }
  return runs;
}

function missChromium(path: string): void {
  const problem = "chromium is not installed (apt-get install chromium)";
  if (process.env["PERCH_REQUIRE_CHROMIUM"] === "1") return fail(path, problem);
  sum.skipped += 1;
  console.log(`skipped ${path}: ${problem}`);
}

async function run({ path, runtime, limitMs }: Run): Promise<void> {
  const title = `${path} on ${runtime}`;
  try {
    const outcome = await runChild([...COMMANDS[runtime], path], limitMs);
    const verdict = judge(outcome, limitMs);
    sum.passed += verdict.passed;
    if (verdict.problem !== undefined) fail(title, verdict.problem, outcome.output, verdict.failed);
  } catch (error) {
    fail(title, String(error));
  }
}

/** Runs all, as many at once as there are cores. */
async function runAll(runs: Iterable<Run>): Promise<void> {
  const queue = runs[Symbol.iterator]();
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

function readArguments(): { only: string; runtimes: readonly Runtime[]; paths: readonly string[] } {
  const options = { only: { type: "string", default: "" }, runtime: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const runtimes = RUNTIMES.filter((runtime) => values.runtime === undefined || values.runtime === runtime);
  if (runtimes.length === 0) throw new Error(`Cannot run on "${values.runtime}": --runtime takes ${RUNTIMES.join(" or ")}`);
  return { only: values.only, runtimes, paths: positionals.length > 0 ? positionals : findTestFiles() };
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  process.on(signal, () => {
    killAllChildren();
    process.exit(code);
  });
}

try {
  const { only, runtimes, paths } = readArguments();
  const runs = planRuns(paths, only, runtimes);
  if (runs.length === 0) console.log(`nothing to run: ${paths.length} test files, none of them for --only "${only}" here`);
  await runAll(runs);
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : "";
  console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`);
  process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
