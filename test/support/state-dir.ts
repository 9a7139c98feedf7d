/** State folders of tests: each fresh, with a space in its path, and gone when the test is. @module */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set<string>();
process.once("exit", () => made.forEach(removeStateDir));

/** Makes an empty folder. */
export function newStateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "perch state "));
  made.add(folder);
  return folder;
}

/** Removes one early. */
export function removeStateDir(folder: string): void {
  made.delete(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** The root token of a state folder. */
export function rootTokenOf(folder: string): string {
  return readFileSync(join(folder, "token"), "utf8").trim();
}
