/** Where the log is kept, and with it all that must be there after a restart. @module */

import type { Session } from "../core/session.ts";
import type { Message } from "../protocol/message.ts";
import type { LogBounds } from "../protocol/cursor.ts";
import type { StateData } from "../protocol/types.ts";

/** What a store promises of itself. */
export interface StoreCapabilities {
  /** True when what was appended is there after the process, or the machine, has ended at whatever moment. */
  readonly durable: boolean;
  /** True when a commit is so dear that those which come together had better be one. */
  readonly gathers: boolean;
}

/** The outcome of what was posted under a key, so that it is not done twice. */
export interface Receipt {
  /** Names the post: a key, and whose it is. */
  readonly key: string;
  /** Tells one body from another. */
  readonly fingerprint: string;
  /** The places in the log of the events that were taken. */
  readonly seqs: readonly number[];
}

/** All that becomes true at once. */
export interface Commit {
  /** They follow `bounds().head` without a gap. */
  readonly messages: readonly Message[];
  /** The sessions that differ after it. Those that are gone are told by the messages, before one of the same id begins anew. */
  readonly sessions: Iterable<Session>;
  /** What becomes of posts with a key. */
  readonly receipts: readonly Receipt[];
  /** Steady clock of the broker, in milliseconds. It goes on where the commit before, of whatever process, left off. */
  readonly now: number;
  /** Wall clock, in milliseconds since 1970. */
  readonly at: number;
}

/** What was kept when the store was opened. */
export interface Kept {
  /** The live sessions, in any order. */
  readonly sessions: readonly Session[];
  /** The aggregate as last told; undefined before the first event. */
  readonly state: StateData | undefined;
  /** The pet; undefined before one was chosen. */
  readonly pet: string | undefined;
  /** The steady clock of the broker at the last commit. */
  readonly now: number;
  /** The wall clock then. */
  readonly at: number;
}

/** How many bytes a log takes. What a store does not know is left out. */
export interface StoreSize {
  /** In memory. */
  readonly memoryBytes?: number;
  /** In files. */
  readonly diskBytes?: number;
}

/**
 * The log of all messages. `seq` grows by one with every message and is the only order. A store keeps at least the newest
 * message and never changes one.
 */
export interface Store {
  /** Never changes. */
  readonly capabilities: StoreCapabilities;
  /** What the broker goes on from; undefined for a new log. To be called once, before the first `append`. */
  load(): Kept | undefined;
  /** The bounds of what is kept now. */
  bounds(): LogBounds;
  /**
   * Keeps all of a commit or nothing.
   *
   * @returns Nothing when it is kept at once, else a promise that resolves when it is and rejects when it is not.
   * @throws {StoreError} If it can't be kept; other errors count as 503 `store_failed`.
   */
  append(commit: Commit): void | Promise<void>;
  /**
   * The messages after `seq`, oldest first, at most `limit`. The first is not `seq + 1` where that is no longer kept, or was found
   * broken just now: see `bounds()`.
   */
  read(seq: number, limit: number): readonly Message[];
  /** The receipt of a key: at least of those of the last 10 minutes, and of the last 100,000. */
  receipt(key: string): Receipt | undefined;
  /**
   * Finds out whether it can keep something, by keeping something. Asked once a second after an `append` has failed.
   *
   * @throws As `append` does.
   */
  check(): void | Promise<void>;
  /** How much it takes now. Default: nothing is known. */
  size?(): StoreSize;
  /** Ends the use of the store. */
  close(): void | Promise<void>;
}
