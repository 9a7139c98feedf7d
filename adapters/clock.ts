/** The clock of each runtime. @module */

import { type Clock, systemClock } from "../src/ports/clock.ts";

/** On Node `setImmediate` lets input and output have their turn without the delay of a timer. */
export function nodeClock(): Clock {
  return systemClock((task) => void setImmediate(task), 1);
}

/** In how many turns in a row work goes on, on Deno, before it waits for a timer. */
const TURNS = 32;

/**
 * On Deno `setImmediate` alone would let input and output starve: its loop looks at them only when there is nothing else to do,
 * or after 61 tasks. What is written to a reader is such a task, so that it sees to them often enough while readers are told;
 * other work waits for a timer now and then, which costs 1 to 2 ms.
 */
export function denoClock(): Clock {
  let turns = 0;
  let isInTurn = false;
  const takeTurn = (task: () => void): void => {
    isInTurn = true;
    try {
      task();
    } finally {
      isInTurn = false;
    }
  };
  return systemClock((task) => {
    turns = isInTurn ? turns + 1 : 0;
    if (turns % TURNS === TURNS - 1) setTimeout(takeTurn, 0, task);
    else setImmediate(takeTurn, task);
  }, 0.25);
}
