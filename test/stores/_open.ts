/** SQLite stores in folders of their own. @module */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { type HeadMark, sqliteStore, type SqliteStoreOptions } from "../../src/stores/sqlite.ts";
import type { Store } from "../../src/ports/store.ts";

const folder = mkdtempSync(join(tmpdir(), "perch-store-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** A path where no database is. */
export function freshPath(): string {
  count += 1;
  return join(folder, `${count}.db`);
}

/** A mark in memory, which outlives a store as a file would. */
export class FakeMark implements HeadMark {
  text: string | undefined;

  read(): string | undefined {
    return this.text;
  }

  write(text: string): void {
    this.text = text;
  }

  close(): void {}
}

/** Opens a store, by default a new one. */
export function openStore(
  path: string = freshPath(),
  options: Partial<SqliteStoreOptions> = {},
): Store {
  const { database = new DatabaseSync(path) } = options;
  try {
    return sqliteStore({ mark: new FakeMark(), checksum: crc32, ...options, database });
  } catch (error) {
    database.close();
    throw error;
  }
}
