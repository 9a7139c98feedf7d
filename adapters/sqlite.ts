/**
 * Opens the store that lasts, on both runtimes.
 *
 * ```ts
 * import { createBroker } from "@perch/broker";
 * import { openSqliteStore } from "@perch/broker/sqlite";
 *
 * const broker = createBroker({ store: openSqliteStore("perch.db") });
 * ```
 *
 * @module
 */

import { closeSync, constants, existsSync, fchmodSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { logger } from "../src/ports/log.ts";
import type { Store } from "../src/ports/store.ts";
import { type HeadMark, isBroken, sqliteStore } from "../src/stores/sqlite.ts";

export { BrokenLogError, NewerSchemaError } from "../src/stores/sqlite.ts";

/** What belongs to a database, after its path. */
const PARTS = ["", "-wal", "-shm", "-journal", "-head"];

/**
 * Opens the log in the file at `path`, or makes a new one. Only this user can read it. What is damaged is set aside, under a name
 * that tells when, and a new log begins: with a new epoch, so that no cursor of before is mistaken for one of it.
 *
 * @throws {NewerSchemaError} If a newer Perch has written it.
 * @throws {Error} What SQLite or the system says of a file that can't be used.
 */
export function openSqliteStore(path: string): Store {
  try {
    return openFile(path);
  } catch (error) {
    if (!isBroken(error)) throw error;
    const aside = `.broken-${new Date().toISOString().replaceAll(/[-:]|\\..*/g, "")}`;
    for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, path + aside + part);
    logger("store").error("the log is damaged and was set aside as {aside}, a new one begins: {error}", {
      aside: path + aside,
      error,
    });
    return openFile(path);
  }
}

function openFile(path: string): Store {
  const mark = openMark(`${path}-head`);
  let database: DatabaseSync | undefined;
  try {
    // SQLite gives its other files the mode of this one.
    closeSync(openPrivate(path));
    database = new DatabaseSync(path);
    return sqliteStore({ database, mark, checksum: crc32 });
  } catch (error) {
    database?.close();
    mark.close();
    throw error;
  }
}

/** A file that stays open, so that a mark costs one call of the system. */
function openMark(path: string): HeadMark {
  const file = openPrivate(path);
  return {
    read() {
      const bytes = new Uint8Array(32);
      return new TextDecoder().decode(bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0)));
    },
    write(text) {
      // As bytes: Deno puts a text at the end of what was written before, whatever place it is told.
      const bytes = new TextEncoder().encode(text);
      writeSync(file, bytes, 0, bytes.length, 0);
    },
    close: () => closeSync(file),
  };
}

/** Opens a file for reading and writing, as this user's alone, whatever the mask is. */
function openPrivate(path: string): number {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  fchmodSync(file, 0o600);
  return file;
}
