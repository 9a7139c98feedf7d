/** A clock under which work takes time. @module */

import { FakeClock } from "./fake-clock.ts";

/** A {@linkcode FakeClock} on which time passes inside a task too, as far as the test says; timers don't notice. */
export class BusyClock extends FakeClock {
  #spent = 0;

  override now(): number {
    return super.now() + this.#spent;
  }

  /** The running task takes `ms` milliseconds. */
  spend(ms: number): void {
    this.#spent += ms;
  }
}
