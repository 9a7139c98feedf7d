/** Whether a broker can do its work now, and what is wrong if it can't. @module */

import type { Broker } from "./broker.ts";
import type { Clock } from "./ports/clock.ts";

/** One thing that is looked at. */
export interface Check {
  /** False when the broker can't do its work because of it. */
  readonly ok: boolean;
  /** What is wrong, for programs. One that is `ok` and has a code works, but not as it should. */
  readonly code?: string;
  /** The same for people. Holds nothing secret. */
  readonly detail?: string;
  /** Since when, as far as that is known: wall clock, in milliseconds since 1970. */
  readonly since?: number;
}

/** What `GET /readyz` answers. */
export interface ReadinessData {
  /** True when every check is `ok`. */
  readonly ready: boolean;
  readonly checks: {
    /** Can it keep events? */
    readonly store: Check;
    /** Can the wall clock be believed? */
    readonly clock: Check;
    /** Is there room for another reader? */
    readonly readers: Check;
    /** Is it not about to end? */
    readonly shutdown: Check;
  };
}

/** How far the wall clock may go another way than the steady one from one look to the next, in milliseconds. */
export const MOST_DRIFT_MS = 10_000;

/** How long a jump of the wall clock is told, in milliseconds (5 min). */
export const JUMP_TOLD_MS = 300_000;

/** No broker of this version ran before: a wall clock that says so is wrong. */
const EARLIEST_WALL = Date.UTC(2026, 0);

const OK: Check = { ok: true };

/** Looks after one broker. */
export class Readiness {
  readonly #broker: Broker;
  readonly #maxReaders: number;
  readonly #clock: ClockWatch;

  constructor(broker: Broker, maxReaders: number) {
    this.#broker = broker;
    this.#maxReaders = maxReaders;
    this.#clock = new ClockWatch(broker.clock);
  }

  /** How things are now. */
  look(): ReadinessData {
    const { store } = this.#broker.health();
    const checks = {
      store: store === undefined ? OK : { ok: false, ...store },
      clock: this.#clock.look(),
      readers: this.#broker.hub.size < this.#maxReaders ? OK : this.#full(),
      shutdown: this.#broker.isDraining() ? SHUTTING_DOWN : OK,
    };
    return { ready: Object.values(checks).every(({ ok }) => ok), checks };
  }

  #full(): Check {
    const detail = `All ${this.#maxReaders} readers that are allowed are there: another one is sent away`;
    return { ok: true, code: "overload", detail };
  }
}

const SHUTTING_DOWN: Check = { ok: false, code: "shutting_down", detail: "The broker is shutting down" };

/** Compares the wall clock with the steady one, whenever somebody looks. */
class ClockWatch {
  readonly #clock: Clock;
  #now: number;
  #wall: number;
  #jump: { readonly at: number; readonly check: Check } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#now = clock.now();
    this.#wall = clock.wall();
  }

  look(): Check {
    const [now, wall] = [this.#clock.now(), this.#clock.wall()];
    const drift = wall - this.#wall - (now - this.#now);
    [this.#now, this.#wall] = [now, wall];
    if (Math.abs(drift) > MOST_DRIFT_MS) this.#jump = { at: now, check: jumped(drift, wall) };
    if (wall < EARLIEST_WALL) {
      return { ok: false, code: "clock_wrong", detail: `The wall clock is wrong: it says ${new Date(wall).toISOString()}` };
    }
    if (this.#jump !== undefined && now - this.#jump.at >= JUMP_TOLD_MS) this.#jump = undefined;
    return this.#jump?.check ?? OK;
  }
}

function jumped(drift: number, since: number): Check {
  const seconds = Math.round(drift / 1_000);
  const detail = `The wall clock has jumped by ${seconds} s, or the machine was asleep: times that are shown jump with it`;
  return { ok: true, code: "clock_jumped", detail, since };
}
