/** A test file and what its leading comments ask of the runner. @module */

import { existsSync, globSync, readFileSync } from "node:fs";

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
  readonly needsChromium: boolean;
}

const UNIT_LIMIT_MS = 20_000;
const SLOW_LIMIT_MS = 120_000;
const SLOW_FOLDERS = /^test\/(contracts|examples|package|browser)\//;

const LEADING_COMMENTS = /^(?:\s*(?:\/\/.*|\/\*[^]*?\*\/))*/;
const DIRECTIVE = /^\/\/ (limit|runtime|needs):(.*)$/gm;

/** The paths of all test files of the project in the present folder. */
export function findTestFiles(): string[] {
  return globSync("test/**/*.test.ts").map((path) => path.replaceAll("\\", "/")).sort();
}

/** @throws {Error} If a comment asks for something that the runner doesn't know, so that no wish is lost by a typing error. */
export function readTestFile(path: string): TestFile {
  let runtimes: readonly Runtime[] = RUNTIMES;
  let limitMs = SLOW_FOLDERS.test(path) ? SLOW_LIMIT_MS : UNIT_LIMIT_MS;
  let needsChromium = false;
  const [comments = ""] = LEADING_COMMENTS.exec(readFileSync(path, "utf8")) ?? [];
  for (const [line, name, rest = ""] of comments.matchAll(DIRECTIVE)) {
    const value = rest.trim();
    const runtime = RUNTIMES.find((known) => known === value);
    const seconds = /^([1-9][0-9]*) s$/.exec(value)?.[1];
    if (name === "runtime" && runtime !== undefined) runtimes = [runtime];
    else if (name === "limit" && seconds !== undefined) limitMs = Number(seconds) * 1000;
    else if (name === "needs" && value === "chromium") needsChromium = true;
    else throw new Error(`"${line}" is not known: write "limit: 60 s", "runtime: node", "runtime: deno" or "needs: chromium"`);
  }
  return { path, runtimes, limitMs, needsChromium };
}

/** Where the browser is: `CHROME_PATH`, or Debian's place; undefined when none is there. */
export function findChromium(env: NodeJS.ProcessEnv): string | undefined {
  const path = env["CHROME_PATH"] ?? "/usr/bin/chromium";
  return existsSync(path) ? path : undefined;
}
