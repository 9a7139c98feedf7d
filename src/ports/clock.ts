/** Time, as the broker needs it. @module */

/** Time and the only two ways in which the broker lets time pass. A test brings its own. */
export interface Clock {
  /** Milliseconds, whole, since some fixed moment. Never goes back, whatever happens to the wall clock. Orders deadlines. */
  now(): number;
  /** Milliseconds since 1970. May jump. Only shown, never compared. */
  wall(): number;
  /** Calls `task` once after `ms` milliseconds, unless the returned function is called before. */
  after(ms: number, task: () => void): () => void;
  /** Calls `task` soon, once waiting input and output have had their turn. */
  defer(task: () => void): void;
  /** Begins a piece of work; what it returns is true once the rest of that work is to be deferred. */
  slice(): () => boolean;
}

/** A steady clock goes on by so much at most while nobody was there, in milliseconds (7 days): all deadlines are over by then. */
const LONGEST_BREAK = 604_800_000;

/**
 * The clock whose `now()` goes on where that of an earlier process left off, plus the time since then as far as the wall clock can
 * be believed: not where it went back.
 */
export function continueClock(clock: Clock, last: { readonly now: number; readonly at: number }): Clock {
  const pause = Math.min(Math.max(clock.wall() - last.at, 0), LONGEST_BREAK);
  const offset = last.now + pause - clock.now();
  const now = (): number => clock.now() + offset;
  return {
    now,
    wall: () => clock.wall(),
    after: (ms, task) => clock.after(ms, task),
    defer: (task) => clock.defer(task),
    slice: () => clock.slice(),
  };
}

/** Longer timers fire at once on Node (2^31 - 1 ms, 24.8 days). */
const LONGEST_TIMER = 2_147_483_647;

/**
 * The clock of the runtime.
 *
 * @param defer How the runtime lets input and output have their turn. Default: a timer of 0 ms.
 * @param sliceMs How long a piece of work may go on: the dearer `defer` is, the longer. Default 4, as timers take 1 ms and more.
 */
export function systemClock(defer: (task: () => void) => void = (task) => void setTimeout(task, 0), sliceMs = 4): Clock {
  const start = performance.now();
  return {
    now: () => Math.floor(performance.now() - start),
    wall: () => Date.now(),
    after(ms, task) {
      const timer = setTimeout(task, Math.min(Math.max(ms, 0), LONGEST_TIMER));
      return () => clearTimeout(timer);
    },
    defer,
    slice() {
      const end = performance.now() + sliceMs;
      return () => performance.now() >= end;
    },
  };
}
