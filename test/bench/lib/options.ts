/** The command line of the benchmark. @module */

import { parseArgs } from "node:util";

/** What was asked for. */
export interface Options {
  /** Names of suites; all when none is named. */
  readonly only: readonly string[];
  readonly rounds: number;
  readonly isQuick: boolean;
  /** Where to write everything that was measured. */
  readonly jsonFile: string | undefined;
  /** Where to write the table for the README. */
  readonly markdownFile: string | undefined;
}

const DEFAULT_ROUNDS = 3;
const QUICK_ROUNDS = 1;

/** @throws {Error} If something is unknown or no value of its flag. */
export function readOptions(args: readonly string[], suites: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      markdown: { type: "string" },
    },
  });
  const only = values.only.split(",").filter((name) => name !== "");
  const unknown = only.find((name) => !suites.includes(name));
  if (unknown !== undefined) throw new Error(`There is no suite "${unknown}": --only takes ${suites.join(", ")}`);
  const rounds = values.rounds === undefined ? values.quick ? QUICK_ROUNDS : DEFAULT_ROUNDS : Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds is "${values.rounds}": it takes a whole number from 1 on`);
  }
  return { only, rounds, isQuick: values.quick, jsonFile: values.json, markdownFile: values.markdown };
}
