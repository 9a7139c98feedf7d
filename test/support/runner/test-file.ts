/** A test file and what its leading comments ask of the runner. @module */

import { globSync, readFileSync } from "node:fs";
import { type Need, NEEDS } from "./needs.ts";

/** Every runtime that the tests run on. */
export const RUNTIMES = ["node", "deno"] as const;

/** A runtime that the tests run on. */
export type Runtime = typeof RUNTIMES[number];

/** See {@linkcode readTestFile}. */
export interface TestFile {
  /** Relative to the folder of the project. */
  readonly path: string;
  readonly runtimes: readonly Runtime[];
  /** How long it may take, in milliseconds. */
  readonly limitMs: number;
  readonly needs: readonly Need[];
}

const UNIT_LIMIT_MS = 20_000;
const SLOW_LIMIT_MS = 120_000;
const HARD_LIMIT_MS = 900_000;
const SLOW_FOLDERS = /^test\/(contracts|examples|package|browser)\//;
const HARD_FOLDER = /^test\/hard\//;
const HAS_HARD_ROUNDS = /from "[./]+\/support\/hard\.ts"/;

const LEADING_COMMENTS = /^(?:\s*(?:\/\/.*|\/\*[^]*?\*\/))*/;
const DIRECTIVE = /^\/\/ (limit|hard limit|runtime|needs):(.*)$/gm;
const KNOWN = '"limit: 60 s", "hard limit: 600 s", "runtime: node", "runtime: deno" or "needs: " with a name of needs.ts';

/** The paths of the test files of the project in the present folder: those of every day, or those that have a hard form. */
export function findTestFiles(isHard: boolean): string[] {
  const paths = globSync("test/**/*.test.ts").map((path) => path.replaceAll("\\", "/")).sort();
  if (!isHard) return paths.filter((path) => !HARD_FOLDER.test(path));
  return paths.filter((path) => HARD_FOLDER.test(path) || HAS_HARD_ROUNDS.test(readFileSync(path, "utf8")));
}

/** @throws {Error} If a comment asks for something that the runner doesn't know, so that no wish is lost by a typing error. */
export function readTestFile(path: string, isHard: boolean): TestFile {
  let runtimes: readonly Runtime[] = RUNTIMES;
  let limitMs = isHard ? HARD_LIMIT_MS : SLOW_FOLDERS.test(path) ? SLOW_LIMIT_MS : UNIT_LIMIT_MS;
  const needs: Need[] = [];
  const limits = isHard && !HARD_FOLDER.test(path) ? "hard limit" : "limit";
  const [comments = ""] = LEADING_COMMENTS.exec(readFileSync(path, "utf8")) ?? [];
  for (const [line, name = "", rest = ""] of comments.matchAll(DIRECTIVE)) {
    const value = rest.trim();
    const runtime = RUNTIMES.find((known) => known === value);
    const need = NEEDS.find((known) => known === value);
    const seconds = /^([1-9][0-9]*) s$/.exec(value)?.[1];
    if (name === "runtime" && runtime !== undefined) runtimes = [runtime];
    else if (name === "needs" && need !== undefined) needs.push(need);
    else if (!name.endsWith("limit") || seconds === undefined) throw new Error(`"${line}" is not known: write ${KNOWN}`);
    else if (name === limits) limitMs = Number(seconds) * 1000;
  }
  return { path, runtimes, limitMs, needs };
}
