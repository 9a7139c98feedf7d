/** Counting by name, in plain numbers: cheap enough for every event, read when somebody asks. @module */

/** Names that are counted each; what comes under others is counted together. */
const MOST_NAMES = 200;

/** Under which name all others are counted. */
const OTHERS = "other";

/** How often something has happened, by name. Numbers only grow. */
export class Tally {
  readonly #counts = new Map<string, number>();

  /** @param names Counted from 0, so that they are listed before the first time. */
  constructor(names: Iterable<string> = []) {
    for (const name of names) this.#counts.set(name, 0);
  }

  add(name: string, times = 1): void {
    const count = this.#counts.get(name);
    if (count !== undefined || this.#counts.size < MOST_NAMES) this.#counts.set(name, (count ?? 0) + times);
    else this.#counts.set(OTHERS, (this.#counts.get(OTHERS) ?? 0) + times);
  }

  /** Every name and how often, in the order in which they were first seen. */
  entries(): Iterable<readonly [name: string, count: number]> {
    return this.#counts.entries();
  }
}
