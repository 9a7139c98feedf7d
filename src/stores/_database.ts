/** What the store needs of a SQLite database: the shape that `node:sqlite` has on every runtime. @module */

/** A value that goes into a statement. */
export type SqlValue = string | number;

/** A statement that was compiled once. */
export interface Statement {
  run(...values: readonly SqlValue[]): unknown;
  get(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): readonly unknown[];
}

/** A database that nobody else has open. */
export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}
