/** Whether a test file has passed. uvu's exit code alone doesn't tell: it is 0 when a hook throws, or when nothing ran. @module */

import { stripVTControlCharacters } from "node:util";
import type { Outcome } from "./child.ts";

/** What one run of a test file is worth. */
export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  /** Why the file has failed; undefined when it has passed. */
  readonly problem: string | undefined;
}

/** What uvu prints at the end; more than once when suites are run late, and then each time without those before. */
const SUMMARY = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)\n {2}Duration: /gm;

/** A file has passed when it ended by itself with code 0, has tests, and all of them passed and none was left out. */
export function judge({ code, isTimeout, stdout }: Outcome, limitMs: number): Verdict {
  let total = 0;
  let passed = 0;
  let skipped = 0;
  for (const [, ofTotal, ofPassed, ofSkipped] of stripVTControlCharacters(stdout).matchAll(SUMMARY)) {
    total += Number(ofTotal);
    passed += Number(ofPassed);
    skipped += Number(ofSkipped);
  }
  const problem = isTimeout
    ? `killed after ${limitMs / 1000} s`
    : total === 0
    ? "no test ran: is .run() missing?"
    : passed !== total
    ? `${passed} of ${total} tests passed`
    : skipped > 0
    ? `left out by test.only or test.skip: ${skipped}`
    : code !== 0
    ? `all tests passed, but the process ended with ${code === null ? "a signal" : `code ${code}`}`
    : undefined;
  return { passed, failed: problem === undefined ? 0 : Math.max(1, total - passed), problem };
}
