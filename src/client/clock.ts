/** Time and chance, as the client needs them. @module */

/** A test brings its own, and so decides when anything happens. */
export interface ClientClock {
  /** Calls `task` once after `ms` milliseconds, unless the returned function is called before. */
  after(ms: number, task: () => void): () => void;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** Longer timers fire at once (2^31 - 1 ms, 24.8 days). */
const LONGEST_TIMER = 2_147_483_647;

/** The clock of the runtime. */
export const SYSTEM_CLOCK: ClientClock = {
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, LONGEST_TIMER));
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
