/** The clock of each runtime. @module */

import { type Clock, systemClock } from "../src/ports/clock.ts";

/** On Node `setImmediate` lets input and output have their turn without the delay of a timer. */
export function nodeClock(): Clock {
  return systemClock((task) => void setImmediate(task), 1);
}

/** On Deno only a timer lets input and output have their turn. */
export function denoClock(): Clock {
  return systemClock();
}
