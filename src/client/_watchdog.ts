/** Notices silence. @module */

import type { ClientClock } from "./clock.ts";

/** Calls `onQuiet` once nothing was heard for two thirds of a time, and `onDead` once nothing was heard for all of it. */
export class Watchdog {
  readonly #clock: ClientClock;
  readonly #onQuiet: () => void;
  readonly #onDead: (ms: number) => void;
  #ms = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: ClientClock, onQuiet: () => void, onDead: (ms: number) => void) {
    this.#clock = clock;
    this.#onQuiet = onQuiet;
    this.#onDead = onDead;
  }

  /** Watches for a silence of `ms` milliseconds from now on. */
  start(ms: number): void {
    this.#ms = ms;
    this.heard();
  }

  /** Something was heard: the silence starts anew. */
  heard(): void {
    const ms = this.#ms;
    this.#cancel?.();
    this.#cancel = this.#clock.after(ms * 2 / 3, () => {
      this.#cancel = this.#clock.after(ms / 3, () => this.#onDead(ms));
      this.#onQuiet();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
