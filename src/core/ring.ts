/** A buffer of the newest items, bounded by number and by bytes. @module */

/** Limits of a {@linkcode Ring}; the first one that is hit wins. */
export interface RingLimits {
  /** Items at most: an integer from 1. */
  readonly items: number;
  /** The sum of their sizes at most, in bytes; a newest item that is larger stays alone. */
  readonly bytes: number;
}

/** Keeps the newest items. When a limit is exceeded the oldest make room; the newest always stays. */
export class Ring<T> {
  readonly #limits: RingLimits;
  readonly #sizeOf: (item: T) => number;
  #slots: (T | undefined)[] = [];
  /** Sizes by slot: to ask an old item for its size would fetch it from far away. */
  #sizes: number[] = [];
  #start = 0;
  #count = 0;
  #bytes = 0;

  /** @throws {RangeError} If a limit is not a positive integer. */
  constructor(limits: RingLimits, sizeOf: (item: T) => number) {
    if (!(Number.isInteger(limits.items) && limits.items > 0 && limits.bytes > 0)) {
      throw new RangeError(`Cannot make a ring of ${limits.items} items and ${limits.bytes} bytes: both must be positive`);
    }
    this.#limits = limits;
    this.#sizeOf = sizeOf;
  }

  get length(): number {
    return this.#count;
  }

  /** The sum of the sizes of all items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The item at `index`, 0 being the oldest; undefined outside. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.#count) return undefined;
    return this.#slots[(this.#start + index) % this.#limits.items];
  }

  push(item: T): void {
    if (this.#count === this.#limits.items) this.#drop();
    const slot = (this.#start + this.#count) % this.#limits.items;
    const size = this.#sizeOf(item);
    this.#slots[slot] = item;
    this.#sizes[slot] = size;
    this.#count += 1;
    this.#bytes += size;
    while (this.#bytes > this.#limits.bytes && this.#count > 1) this.#drop();
  }

  /** The items from `index` on, at most `limit`, oldest first. */
  slice(index: number, limit: number = this.#count): T[] {
    const items: T[] = [];
    const start = Math.max(0, index);
    const end = Math.min(this.#count, start + limit);
    for (let i = start; i < end; i += 1) {
      const item = this.at(i);
      if (item !== undefined) items.push(item);
    }
    return items;
  }

  #drop(): void {
    this.#slots[this.#start] = undefined;
    this.#bytes -= this.#sizes[this.#start] ?? 0;
    this.#start = (this.#start + 1) % this.#limits.items;
    this.#count -= 1;
  }
}
