/** SQLite itself: how it is set up, and what its errors mean. @module */

import { ValiError } from "valibot";
import type { Database } from "./_database.ts";
import { migrate, readVersion } from "./_migrations.ts";
import { BrokenLogError } from "./_sums.ts";

/** Pages of 4 KiB: 2 GiB. What is left over by `DEFAULT_RETENTION` is room for sessions, receipts and free pages. */
const MAX_PAGES = 524_288;

/** Nobody else can use the file meanwhile, so that there is no need of shared memory. */
const ACCESS = ["busy_timeout = 2000", "locking_mode = EXCLUSIVE"];

/**
 * WAL with a sync at every commit: what is acknowledged outlives a loss of power, as far as the disk tells the truth. The log of
 * changes is taken over every 1,000 pages (4 MiB) and takes no more than 8 MiB afterwards.
 */
const PRAGMAS = [
  "journal_mode = WAL",
  "synchronous = FULL",
  "foreign_keys = ON",
  "wal_autocheckpoint = 1000",
  "journal_size_limit = 8388608",
  `max_page_count = ${MAX_PAGES}`,
];

/**
 * Makes a database ready for use.
 *
 * @throws {NewerSchemaError} If a newer Perch has written it: it is left as it is.
 * @throws {BrokenLogError} If it is damaged, and whatever SQLite throws for a file that is no database.
 */
export function setUp(database: Database): void {
  for (const pragma of ACCESS) database.prepare(`PRAGMA ${pragma}`).all();
  // Before anything is written: what a newer Perch has written stays as it is.
  const version = readVersion(database);
  for (const pragma of PRAGMAS) database.prepare(`PRAGMA ${pragma}`).all();
  migrate(database, version);
  checkPages(database);
}

function checkPages(database: Database): void {
  const [row] = database.prepare("PRAGMA quick_check(1)").all();
  const problem = Object.values(row ?? {})[0];
  if (problem !== "ok") throw new BrokenLogError(`The database is damaged: ${String(problem)}`);
}

/** True for what `sqliteStore` throws for a file that is damaged, or no database at all. */
export function isBroken(error: unknown): boolean {
  return error instanceof BrokenLogError || error instanceof ValiError ||
    [SQLITE.corrupt, SQLITE.notADatabase].includes(codeOf(error));
}

/** True for what `sqliteStore` throws for a file that another process has open. */
export function isBusy(error: unknown): boolean {
  return [SQLITE.busy, SQLITE.locked].includes(codeOf(error));
}

/** Primary result codes: https://sqlite.org/rescode.html */
const SQLITE = { busy: 5, locked: 6, corrupt: 11, full: 13, notADatabase: 26 };

/** True for what a full disk, or a full database, throws. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === SQLITE.full;
}

/** An extended code has the primary one in its lowest byte. */
const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode % 256 : 0;
