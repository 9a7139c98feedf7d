/** One task after the other: at once while none waits, else in the order in which they came. @module */

/** Runs tasks so that none begins before the one before has ended, whether that went well or not. */
export class Turns {
  /** Resolves, never rejects, once the last task has ended; undefined while none runs. */
  #last: Promise<void> | undefined;

  /** Runs `task` in its turn. Returns what it returns when its turn is now, else a promise of that. */
  take<Result>(task: () => Result | Promise<Result>): Result | Promise<Result> {
    const result = this.#last === undefined ? task() : this.#last.then(task);
    if (!(result instanceof Promise)) return result;
    const last = result.then(() => {}, () => {}).then(() => {
      if (this.#last === last) this.#last = undefined;
    });
    this.#last = last;
    return result;
  }

  /** Resolves once every task that was given has ended. */
  async end(): Promise<void> {
    await this.#last;
  }
}
