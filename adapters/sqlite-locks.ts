/** Locks between processes, on Node and on Deno the same: those of SQLite. Neither runtime has one that both honour. @module */

import type { DatabaseSync } from "node:sqlite";
import type { Lock, Locks } from "../src/ports/locks.ts";

/** SQLite's own number for a database that somebody else has locked. */
const BUSY = 5;

type Open = (path: string) => DatabaseSync;

/**
 * Locks of SQLite. The files stay empty: a transaction is begun on them that never writes.
 *
 * A lock on POSIX is lost when its process closes the file once more, so nothing else may open it. SQLite knows, and closes late.
 */
export function sqliteLocks({ DatabaseSync }: typeof import("node:sqlite")): Locks {
  const open: Open = (path) => new DatabaseSync(path);
  return {
    take: (path, waitMs) => takeLock(open, path, waitMs),
    isHeld(path) {
      const database = open(path);
      try {
        database.exec("PRAGMA busy_timeout = 0; BEGIN; SELECT 1 FROM sqlite_master");
        return false;
      } catch (error) {
        if (isBusy(error)) return true;
        throw error;
      } finally {
        database.close();
      }
    },
  };
}

/** Keeps what is locked from being collected, which would close it. */
const held = new Set<DatabaseSync>();

function takeLock(open: Open, path: string, waitMs: number): Lock | undefined {
  const database = open(path);
  try {
    // Without a journal file: what is never written needs none.
    database.exec(`PRAGMA busy_timeout = ${waitMs}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`);
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  held.add(database);
  return {
    release() {
      if (held.delete(database)) database.close();
    },
  };
}

/** Deno tells the number in words only. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && ("errcode" in error ? error.errcode === BUSY : error.message.startsWith("database is locked"));
