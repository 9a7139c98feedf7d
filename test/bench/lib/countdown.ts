/** Counts to zero, within a time. */
export class Countdown {
  /** Resolves to true when as many hits came as were awaited, to false when the time was up before. */
  readonly done: Promise<boolean>;
  #left: number;
  readonly #settle: (isDone: boolean) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(count: number, ms: number) {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.done = promise;
    this.#settle = resolve;
    this.#left = count;
    this.#timer = setTimeout(() => resolve(false), ms);
    if (count === 0) this.#end();
  }

  hit(): void {
    this.#left -= 1;
    if (this.#left === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#settle(true);
  }
}
