/** The tables of the SQLite store, and how older ones become them. @module */

import * as v from "valibot";
import type { Database } from "./_database.ts";

/**
 * One step for each version, from an empty file on; never changed once released, only added to. `log` has one row for each commit:
 * the places of its first and last message, when it was (steady and wall clock), how many events and bytes there are up to its end,
 * and its messages. `sum` is over all other columns of a row.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, body TEXT NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE log (
    last INTEGER PRIMARY KEY, first INTEGER NOT NULL, now REAL NOT NULL, at REAL NOT NULL,
    events INTEGER NOT NULL, bytes INTEGER NOT NULL, sum INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE sessions (id TEXT PRIMARY KEY, body TEXT NOT NULL, sum INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE receipts (
    place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body TEXT NOT NULL, now REAL NOT NULL, sum INTEGER NOT NULL
  ) STRICT;
  `,
];

/** The version of the tables that this code knows. */
export const SCHEMA_VERSION: number = STEPS.length;

const versionSchema = v.object({ user_version: v.number() });

/** A file that a newer Perch has written. */
export class NewerSchemaError extends Error {
  /** The name of the class. */
  override readonly name: string = "NewerSchemaError";
}

/**
 * The version of the tables; 0 for an empty file.
 *
 * @throws {NewerSchemaError} If it is a later one than this code knows.
 */
export function readVersion(database: Database): number {
  const { user_version: version } = v.parse(versionSchema, database.prepare("PRAGMA user_version").get());
  if (version > SCHEMA_VERSION) {
    throw new NewerSchemaError(
      `The database has schema ${version}, and this Perch knows only up to ${SCHEMA_VERSION}: run the newer Perch that wrote it, ` +
        "or choose another folder",
    );
  }
  return version;
}

/** Brings tables of `version` up to date. */
export function migrate(database: Database, version: number): void {
  STEPS.slice(version).forEach((step, index) => {
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${version + index + 1}; COMMIT;`);
  });
}
