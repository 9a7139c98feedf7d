/** Notices silence. @module */

import type { ClientClock } from "./clock.ts";

/** Watches one connection after the other. */
export interface Watchdog {
  /** Watches for a silence of `ms` milliseconds from now on. */
  start(ms: number): void;
  /** Something was heard: the silence starts anew. */
  heard(): void;
  stop(): void;
}

/** Calls `onQuiet` once nothing was heard for two thirds of a time, and `onDead` once nothing was heard for all of it. */
export function createWatchdog(clock: ClientClock, onQuiet: () => void, onDead: (ms: number) => void): Watchdog {
  let silenceMs = 0;
  let stop = (): void => {};
  const heard = (): void => {
    stop();
    stop = clock.after(silenceMs * 2 / 3, () => {
      stop = clock.after(silenceMs / 3, () => onDead(silenceMs));
      onQuiet();
    });
  };
  return {
    start(ms) {
      silenceMs = ms;
      heard();
    },
    heard,
    stop: () => stop(),
  };
}
