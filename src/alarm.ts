/** One timer for any number of deadlines. @module */

import type { Clock } from "./ports/clock.ts";

/** Calls its task at the earliest time that it was set to since the last call. */
export class Alarm {
  readonly #clock: Clock;
  readonly #task: () => void;
  #setFor = Infinity;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, task: () => void) {
    this.#clock = clock;
    this.#task = task;
  }

  /** Makes sure that the task is called at `at`, on the steady clock, or before. */
  set(at: number): void {
    if (at >= this.#setFor) return;
    this.#cancel?.();
    this.#setFor = at;
    this.#cancel = this.#clock.after(at - this.#clock.now(), () => this.#ring());
  }

  /** Calls off what was set. */
  cancel(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#setFor = Infinity;
  }

  #ring(): void {
    this.#cancel = undefined;
    this.#setFor = Infinity;
    this.#task();
  }
}
