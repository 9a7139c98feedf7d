/** Tests that are short every day and long when `npm run test:hard` asks for it. @module */

import process from "node:process";

/** True in `npm run test:hard`. */
export const IS_HARD: boolean = process.env["PERCH_HARD"] === "1";

/** How many rounds a test takes: `ci` every day, `hard` in `npm run test:hard`. */
export function rounds(ci: number, hard: number): number {
  return IS_HARD ? hard : ci;
}

/** Tells what was measured; `npm run test:hard` shows it, also of tests that pass. */
export function measured(text: string): void {
  console.log(`  measured ${text}`);
}
