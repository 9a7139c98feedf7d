/** Checksums of rows: SQLite finds a broken page, but not one wrong bit inside a text. @module */

import type { SqlValue } from "./_database.ts";

/** A number that changes with nearly every change of a text, e.g. CRC-32. */
export type Checksum = (text: string) => number;

/** What a log holds is not what was written. */
export class BrokenLogError extends Error {
  /** The name of the class. */
  override readonly name: string = "BrokenLogError";
}

/** The sum of the columns of a row. */
export function sumOf(checksum: Checksum, ...columns: readonly SqlValue[]): number {
  return checksum(columns.join("\n"));
}

/** @throws {BrokenLogError} If the columns do not have that sum. */
export function checkSum(checksum: Checksum, sum: number, what: string, ...columns: readonly SqlValue[]): void {
  if (sumOf(checksum, ...columns) !== sum) {
    throw new BrokenLogError(`The ${what} does not have the checksum it was written with`);
  }
}
