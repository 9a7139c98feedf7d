/** Things that arrive in their own time, and tests that wait for them. @module */

/** How long a test waits for something that must come, in milliseconds. Generous: machines that build are busy. */
export const PATIENCE_MS = 15_000;

/** Keeps what has arrived, in order. */
export class Inbox<Item> {
  readonly items: Item[] = [];
  readonly #what: string;
  #place = 0;
  #end: string | undefined;
  #wake: (() => void)[] = [];

  /** @param what What arrives here, for errors, e.g. `SSE messages`. */
  constructor(what: string) {
    this.#what = what;
  }

  push(item: Item): void {
    this.items.push(item);
    this.#wakeAll();
  }

  /** Nothing more will come: whoever waits is told so at once. */
  end(why: string): void {
    this.#end ??= why;
    this.#wakeAll();
  }

  /**
   * Waits for the next item that `matches`, and skips those before it.
   *
   * @param sought What is waited for, for the error.
   * @throws {Error} If it does not come within `ms`, or nothing can come any more.
   */
  async next(sought: string, matches: (item: Item) => boolean = () => true, ms: number = PATIENCE_MS): Promise<Item> {
    const until = performance.now() + ms;
    for (;;) {
      const item = this.items[this.#place];
      if (item === undefined) {
        await this.#arrival(sought, until, ms);
      } else {
        this.#place += 1;
        if (matches(item)) return item;
      }
    }
  }

  /** The item of this number, from 0; waits until it is there. */
  async nth(index: number, ms: number = PATIENCE_MS): Promise<Item> {
    const until = performance.now() + ms;
    for (;;) {
      const item = this.items[index];
      if (item !== undefined) return item;
      await this.#arrival(`number ${index}`, until, ms);
    }
  }

  /** What has arrived after the item that was awaited last; it counts as read. */
  rest(): Item[] {
    const rest = this.items.slice(this.#place);
    this.#place = this.items.length;
    return rest;
  }

  async #arrival(sought: string, until: number, ms: number): Promise<void> {
    const left = until - performance.now();
    if (this.#end !== undefined) throw this.#failure(`No ${sought} came: ${this.#end}`);
    if (left <= 0) throw this.#failure(`No ${sought} came within ${ms} ms`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #failure(problem: string): Error {
    const last = this.items.slice(-3).map((item) => JSON.stringify(item)?.slice(0, 300)).join("\n  ");
    return new Error(`${problem}. Of ${this.#what}, ${this.items.length} had come; the last:\n  ${last}`);
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** What `promise` brings, or an error once `ms` have passed. `sought` names it. */
export async function within<Value>(ms: number, sought: string, promise: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`No ${sought} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
