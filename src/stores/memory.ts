/** The store that forgets: the newest messages in memory, a new epoch with every start. @module */

import { Ring, type RingLimits } from "../core/ring.ts";
import { newEpoch } from "../protocol/cursor.ts";
import type { Message } from "../protocol/message.ts";
import type { Store } from "../ports/store.ts";
import { checkOrder } from "./_order.ts";
import { Receipts } from "./_receipts.ts";

/** 4,096 messages or 8 MiB, whichever is hit first. */
export const DEFAULT_RING_LIMITS: RingLimits = { items: 4096, bytes: 8 * 1024 * 1024 };

/** Options of {@linkcode memoryStore}. */
export interface MemoryStoreOptions {
  /** How much is kept. Default {@linkcode DEFAULT_RING_LIMITS}. */
  readonly limits?: RingLimits;
  /** The epoch of the log: 8 to 10 letters and digits, else no cursor of it can be read. Default: random. */
  readonly epoch?: string;
}

/**
 * Makes an empty store in memory.
 *
 * @throws {RangeError} If `items` is no positive integer, or `bytes` is not above 0.
 */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const { limits = DEFAULT_RING_LIMITS, epoch = newEpoch() } = options;
  const ring = new Ring<Message>(limits, (message) => message.bytes);
  const receipts = new Receipts();
  let head = 0;
  return {
    capabilities: { durable: false, gathers: false },
    load: () => undefined,
    bounds: () => ({ epoch, head, oldest: head - ring.length + 1 }),
    append(commit) {
      const next = checkOrder(commit.messages, head);
      for (const message of commit.messages) ring.push(message);
      head = next;
      if (commit.receipts.length > 0) receipts.add(commit.receipts, commit.now);
    },
    read: (seq, limit) => ring.slice(seq - (head - ring.length), limit),
    receipt: (key) => receipts.get(key),
    check() {},
    size: () => ({ memoryBytes: ring.bytes }),
    close() {},
  };
}
