/** The log as the SQLite store keeps it: appending, reading, and forgetting what is too old. @module */

import { logger } from "../ports/log.ts";
import type { Commit } from "../ports/store.ts";
import type { Message } from "../protocol/message.ts";
import type { Database } from "./_database.ts";
import { messagesOf } from "./_entries.ts";
import { type KeptCommit, LogTable, type Row, type Totals } from "./_log-table.ts";
import type { Checksum } from "./_sums.ts";

/** How much history is kept; the first limit that is hit wins, and the newest commit always stays. */
export interface Retention {
  /** Milliseconds. */
  readonly ageMs: number;
  readonly events: number;
  /** Of what is in the log; the file is somewhat larger. */
  readonly bytes: number;
}

/** 24 h, 100,000 events or 256 MiB. */
export const DEFAULT_RETENTION: Retention = { ageMs: 86_400_000, events: 100_000, bytes: 256 * 1024 * 1024 };

/** Commits that are forgotten with a new one at most, so that none takes long. */
const SLICE = 4;

/** See the module. */
export class History {
  readonly #table: LogTable;
  readonly #retention: Retention;
  /** The oldest commit. */
  #oldest: Row | undefined;
  #totals: Totals = { events: 0, bytes: 0 };
  #head = 0;

  constructor(database: Database, checksum: Checksum, retention: Retention) {
    this.#table = new LogTable(database, checksum);
    this.#retention = retention;
    this.#oldest = this.#table.firstAfter(0);
    const newest = this.#table.newest();
    if (newest === undefined) return;
    const events = newest.entries.filter(({ t }) => t === "event").length;
    this.#head = newest.last;
    this.#totals = { events: newest.events + events, bytes: newest.bytes + newest.size };
  }

  /** The place of the newest message. */
  get head(): number {
    return this.#head;
  }

  /** The place of the oldest message. */
  get oldest(): number {
    return this.#oldest?.first ?? this.#head + 1;
  }

  /** How many events there are. */
  get events(): number {
    return this.#totals.events - (this.#oldest?.events ?? this.#totals.events);
  }

  /** The commits after a place, oldest first. @throws {BrokenLogError} When the next one is broken. */
  commitsAfter(seq: number): Iterable<KeptCommit> {
    return this.#table.after(seq);
  }

  /** The messages after `seq`, at most `limit`. What is broken is forgotten, with all before it. */
  read(seq: number, limit: number): Message[] {
    const messages: Message[] = [];
    let place = seq;
    try {
      for (const { entries, first, last } of this.#table.after(seq)) {
        if (messages.length >= limit) break;
        for (const message of messagesOf(entries, first)) {
          if (message.seq > seq && messages.length < limit) messages.push(message);
        }
        place = last;
      }
      return messages;
    } catch (error) {
      this.#forgetBroken(place, error);
      return [];
    }
  }

  /**
   * Adds a commit, and forgets some that are too old; returns what to do once that is kept.
   *
   * @param needed Commits that end after this place must stay.
   */
  add(commit: Commit, head: number, needed: number): () => void {
    const first = this.#head + 1;
    const { events, bytes } = this.#totals;
    const totals = this.#table.add(commit, head, this.#totals);
    const own: Row = { first, last: head, now: commit.now, at: commit.at, events, bytes };
    const oldest = this.#prune(this.#oldest ?? own, totals, commit.now, needed);
    return () => {
      this.#head = head;
      this.#totals = totals;
      this.#oldest = oldest;
    };
  }

  #prune(oldest: Row, totals: Totals, now: number, needed: number): Row {
    const { ageMs, events, bytes } = this.#retention;
    let kept = oldest;
    for (let i = 0; i < SLICE && kept.last <= needed; i += 1) {
      const isOver = totals.events - kept.events > events || totals.bytes - kept.bytes > bytes || now - kept.now > ageMs;
      const next = isOver ? this.#table.firstAfter(kept.last) : undefined;
      if (next === undefined) break;
      kept = next;
    }
    if (kept !== oldest) this.#table.forget(kept.first - 1);
    return kept;
  }

  #forgetBroken(place: number, error: unknown): void {
    const last = this.#table.firstAfter(place)?.last ?? this.#head;
    logger("store").error("history up to {last} is lost: {error}", { last, error });
    this.#oldest = this.#table.firstAfter(last);
    this.#table.forget(last);
  }
}
