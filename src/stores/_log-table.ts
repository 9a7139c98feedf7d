/** The table of the log: one row for each commit. @module */

import * as v from "valibot";
import type { Commit } from "../ports/store.ts";
import type { Database, Statement } from "./_database.ts";
import { decodeEntries, encodeEntries, type Entry } from "./_entries.ts";
import { type Checksum, checkSum, sumOf } from "./_sums.ts";

/** Where a commit is in the log. */
export interface Row {
  /** The places of its first and its last message. */
  readonly first: number;
  readonly last: number;
  /** Steady clock, and wall clock. */
  readonly now: number;
  readonly at: number;
  /** How many events and bytes there are in all commits before it, from the first on. */
  readonly events: number;
  readonly bytes: number;
}

const rowEntries = {
  first: v.number(),
  last: v.number(),
  now: v.number(),
  at: v.number(),
  events: v.number(),
  bytes: v.number(),
};
const rowSchema: v.GenericSchema<unknown, Row> = v.object(rowEntries);
const wholeSchema: v.GenericSchema<unknown, Row & { readonly sum: number; readonly body: string }> = v.object({
  ...rowEntries,
  sum: v.number(),
  body: v.string(),
});

/** How much there is before a commit. */
export type Totals = Pick<Row, "events" | "bytes">;

/** A commit as it was kept. */
export interface KeptCommit extends Row {
  readonly entries: readonly Entry[];
  /** In characters. */
  readonly size: number;
}

/** Commits that are read at once. */
const PAGE = 32;

/** See the module. */
export class LogTable {
  readonly #checksum: Checksum;
  readonly #insert: Statement;
  readonly #place: Statement;
  readonly #newest: Statement;
  readonly #after: Statement;
  readonly #delete: Statement;

  constructor(database: Database, checksum: Checksum) {
    const columns = "first, last, now, at, events, bytes";
    this.#checksum = checksum;
    this.#insert = database.prepare(`INSERT INTO log (${columns}, sum, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#place = database.prepare(`SELECT ${columns} FROM log WHERE last > ? ORDER BY last LIMIT 1`);
    this.#newest = database.prepare(`SELECT ${columns}, sum, body FROM log ORDER BY last DESC LIMIT 1`);
    this.#after = database.prepare(`SELECT ${columns}, sum, body FROM log WHERE last > ? ORDER BY last LIMIT ${PAGE}`);
    this.#delete = database.prepare("DELETE FROM log WHERE last <= ?");
  }

  /** Adds a commit whose last message has the place `last`; returns what there is before the next. */
  add(commit: Commit, last: number, { events, bytes }: Totals): Totals {
    const { messages, now, at } = commit;
    const body = encodeEntries(commit);
    const first = last - messages.length + 1;
    const sum = sumOf(this.#checksum, first, last, now, at, events, bytes, body);
    this.#insert.run(first, last, now, at, events, bytes, sum, body);
    let after = events;
    for (const message of messages) if (message.body.type === "event") after += 1;
    return { events: after, bytes: bytes + body.length };
  }

  /** Where the first commit is that ends after `seq`; undefined when there is none. */
  firstAfter(seq: number): Row | undefined {
    const row = this.#place.get(seq);
    return row === undefined ? undefined : v.parse(rowSchema, row);
  }

  /** The newest commit; undefined when there is none. @throws {BrokenLogError} If it is broken. */
  newest(): KeptCommit | undefined {
    const row = this.#newest.get();
    return row === undefined ? undefined : this.#read(row);
  }

  /** The commits that end after `seq`, oldest first. @throws {BrokenLogError} When the next one is broken. */
  *after(seq: number): Generator<KeptCommit, void, undefined> {
    let place = seq;
    for (;;) {
      const rows = this.#after.all(place);
      for (const row of rows) {
        const commit = this.#read(row);
        place = commit.last;
        yield commit;
      }
      if (rows.length < PAGE) return;
    }
  }

  /** Forgets the commits up to the one that ends at `last`. */
  forget(last: number): void {
    this.#delete.run(last);
  }

  #read(row: unknown): KeptCommit {
    const { sum, body, ...place } = v.parse(wholeSchema, row);
    const { first, last, now, at, events, bytes } = place;
    checkSum(this.#checksum, sum, `log from ${first} to ${last}`, first, last, now, at, events, bytes, body);
    return { ...place, entries: decodeEntries(body), size: body.length };
  }
}
