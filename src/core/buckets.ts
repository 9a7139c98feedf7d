/** How long things took, counted into fixed buckets. @module */

/** Numbers that were observed, by size, as a Prometheus histogram shows them. */
export class Buckets {
  /** The upper bounds of the buckets, ascending; what is larger than the last is in none. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  /** How many were observed. */
  get count(): number {
    return this.#count;
  }

  /** The sum of all that were observed. */
  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    this.#count += 1;
    this.#sum += value;
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** For each bound, how many were not larger. */
  cumulative(): number[] {
    let total = 0;
    return this.#counts.map((count) => total += count);
  }
}
