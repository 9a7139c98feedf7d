/** Lets time act on the sessions: one alarm for all deadlines, and slices, so that many at once hold up nothing. @module */

import { Alarm } from "./alarm.ts";
import type { Registry } from "./core/registry.ts";
import type { Session } from "./core/session.ts";
import type { Clock } from "./ports/clock.ts";
import { logger } from "./ports/log.ts";

/** Sessions that time acts on at once, before other work has its turn. */
const SLICE = 100;

/** When time acts once more on what could not be kept, in milliseconds. */
const RETRY_MS = 1_000;

/** Watches the deadlines of a registry. */
export class Expiry {
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #commit: (due: readonly Session[]) => void | Promise<void>;
  readonly #alarm: Alarm;
  #isBusy = false;
  #isStopped = false;

  /** @param commit Lets time act on sessions that are due, and keeps what came of it. */
  constructor(registry: Registry, clock: Clock, commit: (due: readonly Session[]) => void | Promise<void>) {
    this.#registry = registry;
    this.#clock = clock;
    this.#commit = commit;
    this.#alarm = new Alarm(clock, () => void this.#run());
  }

  /** Takes note of deadlines that have changed. */
  update(): void {
    const next = this.#registry.nextAt();
    if (next !== undefined && !this.#isBusy && !this.#isStopped) this.#alarm.set(next);
  }

  /** Lets time act at once on all that is due, before anybody asks. */
  catchUp(): void {
    let due = this.#registry.takeDue(this.#clock.now(), SLICE);
    while (due.length > 0) {
      const slice = due;
      try {
        this.#commit(slice)?.catch((error) => this.#retry(slice, error));
      } catch (error) {
        return this.#retry(slice, error);
      }
      due = this.#registry.takeDue(this.#clock.now(), SLICE);
    }
    this.update();
  }

  /** Lets no more time pass. */
  stop(): void {
    this.#isStopped = true;
    this.#alarm.cancel();
  }

  async #run(): Promise<void> {
    if (this.#isStopped) return;
    const due = this.#registry.takeDue(this.#clock.now(), SLICE);
    this.#isBusy = due.length > 0;
    try {
      const kept = due.length > 0 ? this.#commit(due) : undefined;
      if (kept !== undefined) await kept;
    } catch (error) {
      return this.#retry(due, error);
    }
    if (due.length === SLICE) return this.#clock.defer(() => void this.#run());
    this.#isBusy = false;
    this.update();
  }

  /** What could not be kept did not happen: the same sessions are due once more. */
  #retry(due: readonly Session[], error: unknown): void {
    logger("broker").error("time could not act on {count} sessions: {error}", { count: due.length, error });
    for (const session of due) if (this.#registry.get(session.id) === session) this.#registry.put(session);
    this.#isBusy = false;
    if (!this.#isStopped) this.#alarm.set(this.#clock.now() + RETRY_MS);
  }
}
