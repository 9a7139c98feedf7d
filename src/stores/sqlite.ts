/** The store that lasts: the log in a SQLite database, with all that is needed to go on after a crash at any moment. @module */

import { Ring, type RingLimits } from "../core/ring.ts";
import { StoreError } from "../errors.ts";
import { logger } from "../ports/log.ts";
import type { Commit, Kept, Receipt, Store, StoreCapabilities, StoreSize } from "../ports/store.ts";
import { formatCursor, type LogBounds, newEpoch, parseCursor } from "../protocol/cursor.ts";
import type { Message } from "../protocol/message.ts";
import { Checkpoints } from "./_checkpoint.ts";
import type { Database, Statement } from "./_database.ts";
import { DEFAULT_RETENTION, History, type Retention } from "./_history.ts";
import { isFull, setUp } from "./_engine.ts";
import { checkOrder } from "./_order.ts";
import { ReceiptTable } from "./_receipt-table.ts";
import { RECEIPT_LIMITS, type ReceiptLimits } from "./_receipts.ts";
import type { Checksum } from "./_sums.ts";
import { MetaTable } from "./_tables.ts";
import { DEFAULT_RING_LIMITS } from "./memory.ts";

export type { Database, SqlValue, Statement } from "./_database.ts";
export { DEFAULT_RETENTION, type Retention } from "./_history.ts";
export { isBroken, isBusy } from "./_engine.ts";
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
  readonly #database: Database;
  readonly #mark: HeadMark;
  readonly #meta: MetaTable;
  readonly #history: History;
  readonly #receipts: ReceiptTable;
  readonly #checkpoints: Checkpoints;
  readonly #ringLimits: RingLimits;
  /** The newest messages, once somebody has asked for older ones than were appended since the start. */
  #ring: Ring<Message>;
  #isWarm = false;
  #kept: Kept | undefined;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #pages: Statement;
  readonly #epoch: string;

  constructor(
    { database, mark, checksum, retention, receipts = RECEIPT_LIMITS, ring = DEFAULT_RING_LIMITS }: SqliteStoreOptions,
  ) {
    setUp(database);
    this.#database = database;
    this.#mark = mark;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    this.#rollback = database.prepare("ROLLBACK");
    this.#pages = database.prepare("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
    this.#meta = new MetaTable(database, checksum);
    this.#history = new History(database, checksum, { ...DEFAULT_RETENTION, ...retention });
    this.#receipts = new ReceiptTable(database, checksum, receipts);
    this.#checkpoints = new Checkpoints(database, checksum);
    this.#ringLimits = ring;
    this.#ring = newRing(ring);
    this.#kept = this.#checkpoints.load((seq) => this.#history.commitsAfter(seq));
    this.#epoch = this.#chooseEpoch();
    this.#markHead();
  }

  bounds(): LogBounds {
    const { head, oldest } = this.#history;
    return { epoch: this.#epoch, head, oldest };
  }

  load(): Kept | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    return kept;
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
    if (seq < head - this.#ring.length && seq >= head - this.#ringLimits.items) this.#warm();
    const before = head - this.#ring.length;
    return seq >= before ? this.#ring.slice(seq - before, limit) : this.#history.read(seq, limit);
  }

  receipt(key: string): Receipt | undefined {
    return this.#receipts.find(key);
  }

  check(): void {
    this.#transact(() => (this.#meta.put("checked", String(this.#history.head)), []));
  }

  /** Without what is still in the log of changes. */
  size(): StoreSize {
    const memoryBytes = this.#ring.bytes;
    try {
      const [bytes] = Object.values(this.#pages.all()[0] ?? {});
      return typeof bytes === "number" ? { memoryBytes, diskBytes: bytes } : { memoryBytes };
    } catch {
      return { memoryBytes };
    }
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

  /** All readers come back after a restart, and each has missed the same. */
  #warm(): void {
    if (this.#isWarm) return;
    this.#isWarm = true;
    const { head } = this.#history;
    const { items } = this.#ringLimits;
    const ring = newRing(this.#ringLimits);
    for (const message of this.#history.read(head - items, items)) ring.push(message);
    this.#ring = ring;
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

const newRing = (limits: RingLimits): Ring<Message> => new Ring(limits, (message) => message.bytes);
