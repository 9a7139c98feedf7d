/** Where the log is kept. @module */

import type { Message } from "../protocol/message.ts";
import type { LogBounds } from "../protocol/cursor.ts";

/** What a store promises of itself, for who chooses one; the broker treats all alike. */
export interface StoreCapabilities {
  /** True when what was appended is there after the process has ended. */
  readonly durable: boolean;
}

/**
 * The log of all messages. `seq` grows by one with every message and is the only order. A store keeps at least the newest
 * message and never changes one.
 */
export interface Store {
  /** Never changes. */
  readonly capabilities: StoreCapabilities;
  /** The bounds of what is kept now. */
  bounds(): LogBounds;
  /**
   * Appends messages that follow `bounds().head` without a gap, all or none.
   *
   * @returns Nothing when they are kept at once, else a promise that resolves when they are and rejects when they are not.
   */
  append(messages: readonly Message[]): void | Promise<void>;
  /** The messages after `seq`, oldest first, at most `limit`. Those that are no longer kept are left out: see `bounds()`. */
  read(seq: number, limit: number): readonly Message[];
  /** Ends the use of the store. */
  close(): void | Promise<void>;
}
