/** One task after the other: at once while none waits, else in the order in which they came. @module */

/** Runs tasks so that none begins before the one before has ended, whether that went well or not. */
export class Turns {
  /** Resolves, never rejects, once the last task has ended; undefined while none runs. */
  #last: Promise<void> | undefined;
  #waiting = 0;

  /** How many tasks wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Runs `task` in its turn. Returns what it returns when its turn is now, else a promise of that. */
  take<Result>(task: () => Result | Promise<Result>): Result | Promise<Result> {
    const result = this.#last === undefined ? task() : this.#takeAfter(this.#last, task);
    if (!(result instanceof Promise)) return result;
    const last = result.then(() => {}, () => {}).then(() => {
      if (this.#last === last) this.#last = undefined;
    });
    this.#last = last;
    return result;
  }

  #takeAfter<Result>(last: Promise<void>, task: () => Result | Promise<Result>): Promise<Result> {
    this.#waiting += 1;
    return last.then(() => {
      this.#waiting -= 1;
      return task();
    });
  }

  /** Resolves once every task that was given has ended. */
  async end(): Promise<void> {
    await this.#last;
  }
}
