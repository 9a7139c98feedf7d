/** A clock that moves only when a test says so. @module */

import type { Clock } from "../../src/ports/clock.ts";

/** The real clock fires longer timers early, so this one does too. */
const LONGEST_TIMER = 2_147_483_647;

/** More tasks than this at one moment means that they make each other without end. */
const MOST_TASKS_AT_ONCE = 100_000;

/** Options of {@linkcode FakeClock}. */
export interface FakeClockOptions {
  /** What `now()` says at first, in milliseconds. Default: 0. */
  readonly now?: number;
  /** What `wall()` says at first, in milliseconds since 1970. Default: 2030-01-01. */
  readonly wall?: number;
}

interface Timer {
  readonly due: number;
  readonly task: () => void;
}

/** Time in the hand of a test: timers fire and deferred tasks run only inside {@linkcode FakeClock.advance}. */
export class FakeClock implements Clock {
  #now: number;
  #wallOffset: number;
  #timers = new Set<Timer>();
  #deferred: (() => void)[] = [];
  #advancing = false;

  constructor({ now = 0, wall = Date.UTC(2030, 0, 1) }: FakeClockOptions = {}) {
    this.#now = now;
    this.#wallOffset = wall - now;
  }

  /** How many timers are armed: neither fired nor cancelled. */
  get pending(): number {
    return this.#timers.size;
  }

  /** How many deferred tasks wait for the next `advance`. */
  get deferred(): number {
    return this.#deferred.length;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now + this.#wallOffset;
  }

  /** @throws {RangeError} If `ms` is not a number: no caller can mean that. */
  after(ms: number, task: () => void): () => void {
    if (Number.isNaN(ms)) throw new RangeError("Cannot arm a timer of NaN ms");
    const timer = { due: this.#now + Math.ceil(Math.min(Math.max(ms, 0), LONGEST_TIMER)), task };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  defer(task: () => void): void {
    this.#deferred.push(task);
  }

  slice(): () => boolean {
    const end = this.now() + 1;
    return () => this.now() >= end;
  }

  /**
   * Lets `ms` milliseconds pass. Timers fire in the order of their time, those of one time in the order in which they were made;
   * deferred tasks run before each of them and at the end. What tasks arm or defer on the way has its turn too. `advance(0)` runs
   * what is due now. An error thrown by a task comes out here, at the time of that task; the rest stays waiting.
   *
   * @throws {RangeError} If `ms` is negative or not whole: time doesn't go back.
   */
  advance(ms: number): void {
    if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError(`Cannot advance by ${ms} ms: give a whole number from 0 on`);
    if (this.#advancing) throw new Error("Cannot advance from inside a task: time moves already");
    this.#advancing = true;
    try {
      this.#runUntil(this.#now + ms);
    } finally {
      this.#advancing = false;
    }
  }

  /** Moves the wall clock by `ms`, back if negative, as a person or NTP would. Timers and `now()` don't notice. */
  shiftWall(ms: number): void {
    this.#wallOffset += ms;
  }

  #runUntil(end: number): void {
    let tasksNow = 0;
    for (;;) {
      const timer = this.#deferred.length === 0 ? this.#earliest(end) : undefined;
      const task = this.#deferred.shift() ?? timer?.task;
      if (task === undefined) break;
      if (timer !== undefined) {
        this.#timers.delete(timer);
        if (timer.due > this.#now) tasksNow = 0;
        this.#now = timer.due;
      }
      tasksNow += 1;
      if (tasksNow > MOST_TASKS_AT_ONCE) {
        throw new Error(`Over ${MOST_TASKS_AT_ONCE} tasks ran at ${this.#now} ms: they never end`);
      }
      task();
    }
    this.#now = end;
  }

  #earliest(end: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due <= end && (earliest === undefined || timer.due < earliest.due)) earliest = timer;
    }
    return earliest;
  }
}
