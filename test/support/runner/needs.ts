/** What a test file may need that is not on every machine. @module */

import { existsSync, globSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

type Env = NodeJS.ProcessEnv;

interface NeedRow {
  readonly isMet: (env: Env) => boolean;
  /** What is missing, and how to get it. */
  readonly problem: string;
}

/** A program of a Debian package. */
const program = (name: string, pkg = name): NeedRow => ({
  isMet: (env) => (env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, name))),
  problem: `${name} is not installed (apt-get install ${pkg})`,
});

const ROWS = {
  chromium: {
    isMet: (env) => findChromium(env) !== undefined,
    problem: "chromium is not installed (apt-get install chromium)",
  },
  linux: { isMet: () => process.platform === "linux", problem: "it needs Linux" },
  root: { isMet: () => process.getuid?.() === 0, problem: "it needs root" },
  faketime: {
    isMet: () => findFaketime() !== undefined,
    problem: "libfaketime is not installed (apt-get install libfaketime)",
  },
  nft: program("nft", "nftables"),
  slowhttptest: program("slowhttptest"),
} satisfies Readonly<Record<string, NeedRow>>;

/** Something that a test file may need. */
export type Need = keyof typeof ROWS;

/** All needs that are known. */
export const NEEDS: readonly Need[] = ["chromium", "linux", "root", "faketime", "nft", "slowhttptest"];

/** Why a need is not met here; undefined when it is. */
export function whyNotMet(need: Need, env: Env): string | undefined {
  const row: NeedRow = ROWS[need];
  return row.isMet(env) ? undefined : row.problem;
}

/** True where a file with this need must run: `PERCH_REQUIRE_ALL=1`, or for the browser `PERCH_REQUIRE_CHROMIUM=1`. */
export function isRequired(need: Need, env: Env): boolean {
  return env["PERCH_REQUIRE_ALL"] === "1" || (need === "chromium" && env["PERCH_REQUIRE_CHROMIUM"] === "1");
}

/** Where the browser is: `CHROME_PATH`, or Debian's place; undefined when none is there. */
export function findChromium(env: Env): string | undefined {
  const path = env["CHROME_PATH"] ?? "/usr/bin/chromium";
  return existsSync(path) ? path : undefined;
}

/** Where the library is that is loaded into a process to change its clock; undefined when it is not there. */
export function findFaketime(): string | undefined {
  return globSync("/usr/lib/*/faketime/libfaketime.so.1")[0];
}
