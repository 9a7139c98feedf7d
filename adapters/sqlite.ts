/**
 * Opens the store that lasts, on both runtimes.
 *
 * ```ts
 * import { createBroker } from "@perch/broker";
 * import { openSqliteStore } from "@perch/broker/sqlite";
 *
 * const broker = createBroker({ store: await openSqliteStore("perch.db") });
 * ```
 *
 * @module
 */

import { logger } from "../src/ports/log.ts";
import type { Store } from "../src/ports/store.ts";
import { type Database, isBroken, sqliteStore } from "../src/stores/sqlite.ts";
import type { DatabaseFiles } from "./database-files.ts";
import { loadSqlite } from "./load-sqlite.ts";

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
export async function openSqliteStore(path: string): Promise<Store> {
  const [{ DatabaseSync }, files] = await Promise.all([loadSqlite(), loadFiles()]);
  const open = (): Store => openFile(path, files, () => new DatabaseSync(path));
  try {
    return open();
  } catch (error) {
    if (!isBroken(error)) throw error;
    const aside = `${path}.broken-${new Date().toISOString().replaceAll(/[-:]|\..*/g, "")}`;
    for (const part of PARTS) files.moveAside(path + part, aside + part);
    logger("store").error("the log is damaged and was set aside as {aside}, a new one begins: {error}", { aside, error });
    return open();
  }
}

async function loadFiles(): Promise<DatabaseFiles> {
  return typeof Deno === "object"
    ? (await import("./deno-database-files.ts")).denoDatabaseFiles
    : (await import("./node-database-files.ts")).nodeDatabaseFiles;
}

function openFile(path: string, files: DatabaseFiles, openDatabase: () => Database): Store {
  const mark = files.openMark(`${path}-head`);
  let database: Database | undefined;
  try {
    // SQLite gives its other files the mode of this one.
    files.makePrivate(path);
    database = openDatabase();
    return sqliteStore({ database, mark, checksum: files.checksum });
  } catch (error) {
    database?.close();
    mark.close();
    throw error;
  }
}
