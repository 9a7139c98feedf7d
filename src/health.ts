/** How the store is: what is wrong with it, since when, and whether it works again. @module */

import type { PerchError } from "./errors.ts";
import type { Clock } from "./ports/clock.ts";
import { logger } from "./ports/log.ts";

/** What is wrong with the store. */
export interface StoreProblem {
  /** `disk_full` or `store_failed`. */
  readonly code: string;
  /** What happened and what to do; nothing secret. */
  readonly detail: string;
  /** Wall clock, in milliseconds since 1970. */
  readonly since: number;
}

/** How the broker's parts are that can fail and come back. */
export interface Health {
  /** Undefined while all that was posted last could be kept. */
  readonly store: StoreProblem | undefined;
}

/** How often a store that has failed is tried, in milliseconds. */
const CHECK_MS = 1_000;

const log = logger("store");

/** Remembers that the store has failed, and tries it until it works again. */
export class StoreWatch {
  readonly #clock: Clock;
  readonly #check: () => void | Promise<void>;
  #problem: StoreProblem | undefined;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  /** @param check Finds out whether the store works; throws or rejects when it does not. */
  constructor(clock: Clock, check: () => void | Promise<void>) {
    this.#clock = clock;
    this.#check = check;
  }

  health(): Health {
    return { store: this.#problem };
  }

  /** Takes note of what could not be kept. */
  failed(error: PerchError): void {
    if (this.#problem?.code === error.code) return;
    const { code, message: detail } = error;
    this.#problem = { code, detail, since: this.#problem?.since ?? this.#clock.wall() };
    log.error("the store fails ({code}): {error}", { code, error: error.cause ?? error });
    this.#tryLater();
  }

  /** Takes note of what was kept. */
  succeeded(): void {
    if (this.#problem === undefined) return;
    const seconds = Math.round((this.#clock.wall() - this.#problem.since) / 1_000);
    this.#problem = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
    log.warn("the store works again, after {seconds} s", { seconds });
  }

  /** Tries no more. */
  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #tryLater(): void {
    if (this.#isStopped) return;
    this.#cancel ??= this.#clock.after(CHECK_MS, () => void this.#try());
  }

  async #try(): Promise<void> {
    this.#cancel = undefined;
    if (this.#problem === undefined) return;
    try {
      await this.#check();
      this.succeeded();
    } catch {
      this.#tryLater();
    }
  }
}
