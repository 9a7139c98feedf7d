/** Receipts in memory: the newest of them, bounded by age and number. @module */

import type { Receipt } from "../ports/store.ts";

/** How long, and how many. */
export interface ReceiptLimits {
  /** Kept at least for so long, in milliseconds, as long as they are no more than `most`. */
  readonly ageMs: number;
  /** So many are kept, however old they are. */
  readonly least: number;
  /** More than this are never kept. */
  readonly most: number;
}

/** 10 minutes and 100,000, whichever is more; 1,000,000 at most. */
export const RECEIPT_LIMITS: ReceiptLimits = { ageMs: 600_000, least: 100_000, most: 1_000_000 };

interface Entry {
  readonly receipt: Receipt;
  readonly now: number;
}

/** See the module. */
export class Receipts {
  readonly #limits: ReceiptLimits;
  readonly #entries = new Map<string, Entry>();

  constructor(limits: ReceiptLimits = RECEIPT_LIMITS) {
    this.#limits = limits;
  }

  get(key: string): Receipt | undefined {
    return this.#entries.get(key)?.receipt;
  }

  /** Adds receipts and forgets those that are too old. `now` never goes back. */
  add(receipts: readonly Receipt[], now: number): void {
    for (const receipt of receipts) this.#entries.set(receipt.key, { receipt, now });
    const { ageMs, least, most } = this.#limits;
    for (const [key, entry] of this.#entries) {
      const { size } = this.#entries;
      if (size <= least || (size <= most && now - entry.now < ageMs)) break;
      this.#entries.delete(key);
    }
  }
}
