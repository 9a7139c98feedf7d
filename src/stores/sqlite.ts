/** The store that lasts: the log in a SQLite database, with all that is needed to go on after a crash at any moment. @module */

import { ValiError } from "valibot";
import { Ring, type RingLimits } from "../core/ring.ts";
import { StoreError } from "../errors.ts";
import { logger } from "../ports/log.ts";
import type { Commit, Kept, Receipt, Store, StoreCapabilities } from "../ports/store.ts";
import { formatCursor, type LogBounds, newEpoch, parseCursor } from "../protocol/cursor.ts";
import type { Message } from "../protocol/message.ts";
import { Checkpoints } from "./_checkpoint.ts";
import type { Database, Statement } from "./_database.ts";
import { DEFAULT_RETENTION, History, type Retention } from "./_history.ts";
import { migrate, readVersion } from "./_migrations.ts";
import { checkOrder } from "./_order.ts";
import { ReceiptTable } from "./_receipt-table.ts";
import { RECEIPT_LIMITS, type ReceiptLimits } from "./_receipts.ts";
import { BrokenLogError, type Checksum } from "./_sums.ts";
import { MetaTable } from "./_tables.ts";
import { DEFAULT_RING_LIMITS } from "./memory.ts";

export type { Database, SqlValue, Statement } from "./_database.ts";
export { DEFAULT_RETENTION, type Retention } from "./_history.ts";
export { NewerSchemaError } from "./_migrations.ts";
export { RECEIPT_LIMITS, type ReceiptLimits } from "./_receipts.ts";
export { BrokenLogError, type Checksum } from "./_sums.ts";

/**
 * A mark outside the database that says how far the log went. A log that ends before it was put back, by hand or by a disk that
 * lied, so that its numbers would be given out twice: it needs a new epoch.
 */
export interface HeadMark {
  /** The text that was written last; undefined when there is none. */
  read(): string | undefined;
  /** Writes a text of at most 32 characters. It must outlive the process, not the machine. */
  write(text: string): void;
  close(): void;
}

/** Options of {@linkcode sqliteStore}. */
export interface SqliteStoreOptions {
  /** Open, with nothing prepared and nothing set. The store closes it, and the mark. */
  readonly database: Database;
  readonly mark: HeadMark;
  readonly checksum: Checksum;
  /** Default: {@linkcode DEFAULT_RETENTION}. */
  readonly retention?: Partial<Retention>;
  /** Default: {@linkcode RECEIPT_LIMITS}. */
  readonly receipts?: ReceiptLimits;
  /** What of it is in memory too. Default: as much as the memory store keeps. */
  readonly ring?: RingLimits;
}

/** Pages of 4 KiB: 2 GiB. What is left over by `DEFAULT_RETENTION` is room for sessions, receipts and free pages. */
const MAX_PAGES = 524_288;

/** Nobody else can use the file meanwhile, so that there is no need of shared memory. */
const ACCESS = ["busy_timeout = 2000", "locking_mode = EXCLUSIVE"];

/**
 * WAL with a sync at every commit: what is acknowledged outlives a loss of power, as far as the disk tells the truth. The log of changes is taken over every 1,000 pages (4 MiB) and
 * takes no more than 8 MiB afterwards.
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
 * Opens the log in a database: the one that is there, or a new one.
 *
 * @throws {NewerSchemaError} If a newer Perch has written it: it is left as it is.
 * @throws {BrokenLogError} If it is damaged, and whatever SQLite throws for a file that is no database.
 */
export function sqliteStore(options: SqliteStoreOptions): Store {
  return new SqliteStore(options);
}

class SqliteStore implements Store {
  readonly capabilities: StoreCapabilities = { durable: true, gathers: true };
  readonly kept: Kept | undefined;
  readonly #database: Database;
  readonly #mark: HeadMark;
  readonly #meta: MetaTable;
  readonly #history: History;
  readonly #receipts: ReceiptTable;
  readonly #checkpoints: Checkpoints;
  readonly #ring: Ring<Message>;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #epoch: string;

  constructor(
    { database, mark, checksum, retention, receipts = RECEIPT_LIMITS, ring = DEFAULT_RING_LIMITS }: SqliteStoreOptions,
  ) {
    for (const pragma of ACCESS) database.prepare(`PRAGMA ${pragma}`).all();
    // Before anything is written: what a newer Perch has written stays as it is.
    const version = readVersion(database);
    for (const pragma of PRAGMAS) database.prepare(`PRAGMA ${pragma}`).all();
    migrate(database, version);
    checkPages(database);
    this.#database = database;
    this.#mark = mark;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
    this.#meta = new MetaTable(database, checksum);
    this.#history = new History(database, checksum, { ...DEFAULT_RETENTION, ...retention });
    this.#receipts = new ReceiptTable(database, checksum, receipts);
    this.#checkpoints = new Checkpoints(database, checksum);
    this.#ring = new Ring(ring, (message) => message.bytes);
    this.kept = this.#checkpoints.load((seq) => this.#history.commitsAfter(seq));
    this.#epoch = this.#chooseEpoch();
    this.#markHead();
  }

  bounds(): LogBounds {
    const { head, oldest } = this.#history;
    return { epoch: this.#epoch, head, oldest };
  }

  append(commit: Commit): void {
    const { messages, receipts, now } = commit;
    const head = checkOrder(messages, this.#history.head);
    this.#transact(() => {
      const checkpoints = this.#checkpoints;
      const settled = [checkpoints.write(this.#history.head)];
      if (messages.length > 0) settled.push(this.#history.add(commit, head, checkpoints.seq));
      if (receipts.length > 0) settled.push(this.#receipts.add(receipts, now));
      return settled;
    });
    this.#checkpoints.note(commit);
    for (const message of messages) this.#ring.push(message);
    this.#markHead();
  }

  read(seq: number, limit: number): readonly Message[] {
    const { head } = this.#history;
    const inMemory = this.#ring.length;
    if (seq >= head - inMemory) return this.#ring.slice(seq - (head - inMemory), limit);
    return this.#history.read(seq, limit);
  }

  receipt(key: string): Receipt | undefined {
    return this.#receipts.find(key);
  }

  check(): void {
    this.#transact(() => (this.#meta.put("checked", String(this.#history.head)), []));
  }

  /** A log that ends in order is read faster at the next start. Where that can't be written, it is as after a crash. */
  close(): void {
    try {
      this.#transact(() => [this.#checkpoints.write(this.#history.head, true)]);
      this.#database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
    } catch (error) {
      logger("store").warn("the log could not be closed in order: {error}", { error });
    } finally {
      this.#database.close();
      this.#mark.close();
    }
  }

  /** Does all or nothing. What `work` returns is called once it is done. */
  #transact(work: () => readonly (() => void)[]): void {
    let settled: readonly (() => void)[];
    try {
      this.#begin.run();
      settled = work();
      this.#commit.run();
    } catch (error) {
      this.#undo();
      throw new StoreError(isFull(error) ? "disk_full" : "store_failed", { cause: error });
    }
    for (const settle of settled) settle();
  }

  /** SQLite itself has gone back from some failures, and then there is nothing to go back from. */
  #undo(): void {
    try {
      this.#rollback.run();
    } catch {
      return;
    }
  }

  #chooseEpoch(): string {
    const { head } = this.#history;
    const known = this.#meta.get("epoch");
    const mark = parseCursor(this.#mark.read()?.trim() ?? "");
    if (known !== undefined && mark?.epoch === known && mark.seq <= head) return known;
    const epoch = newEpoch();
    this.#transact(() => (this.#meta.put("epoch", epoch), []));
    if (known !== undefined) {
      logger("store").error("the log ends at {head} and was longer, or was put back: cursors of before are void", { head });
    }
    return epoch;
  }

  /** The commit is safe before this; a mark that could not be moved is too low, which is safe too. */
  #markHead(): void {
    try {
      this.#mark.write(formatCursor(this.#epoch, this.#history.head).padEnd(32));
    } catch (error) {
      logger("store").warn("the mark of the log could not be written: {error}", { error });
    }
  }
}

function checkPages(database: Database): void {
  const [row] = database.prepare("PRAGMA quick_check(1)").all();
  const problem = Object.values(row ?? {})[0];
  if (problem !== "ok") throw new BrokenLogError(`The database is damaged: ${String(problem)}`);
}

/** True for what {@linkcode sqliteStore} throws for a file that is damaged, or no database at all. */
export function isBroken(error: unknown): boolean {
  return error instanceof BrokenLogError || error instanceof ValiError ||
    [SQLITE.corrupt, SQLITE.notADatabase].includes(codeOf(error));
}

/** True for what {@linkcode sqliteStore} throws for a file that another process has open. */
export function isBusy(error: unknown): boolean {
  return [SQLITE.busy, SQLITE.locked].includes(codeOf(error));
}

/** Primary result codes: https://sqlite.org/rescode.html */
const SQLITE = { busy: 5, locked: 6, corrupt: 11, full: 13, notADatabase: 26 };

const isFull = (error: unknown): boolean => codeOf(error) === SQLITE.full;

/** An extended code has the primary one in its lowest byte. */
const codeOf = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number" ? error.errcode % 256 : 0;
