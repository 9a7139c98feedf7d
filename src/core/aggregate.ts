/** One state for all sessions, kept by counting: O(1) per change, never a scan. @module */

import { DEFAULT_ORDER, type State, STATES } from "./states.ts";

/** How many sessions are in each state. */
export type Counts = Readonly<Record<State, number>>;

/** The aggregate: a count per state, and the state that wins. */
export interface Aggregate {
  readonly counts: Counts;
  readonly state: State;
  /** All states, strongest first. */
  readonly order: readonly State[];
}

const NO_SESSIONS: Counts = {
  failed: 0,
  waiting: 0,
  prompted: 0,
  starting: 0,
  ending: 0,
  done: 0,
  working: 0,
  unknown: 0,
  idle: 0,
};

/**
 * Returns the aggregate of no sessions, which is `idle`.
 *
 * @param order All states, strongest first. Default {@linkcode DEFAULT_ORDER}.
 * @throws {RangeError} If `order` does not name every state exactly once.
 */
export function emptyAggregate(order: readonly State[] = DEFAULT_ORDER): Aggregate {
  const states = Object.keys(STATES);
  if (order.length !== states.length || !states.every((state) => order.some((named) => named === state))) {
    throw new RangeError(`Cannot use order "${order.join(", ")}": it must name each of ${states.join(", ")} once`);
  }
  return { counts: NO_SESSIONS, state: "idle", order };
}

/**
 * Moves one session from one state to another. `undefined` stands for "not there": a session that appears or is forgotten.
 * Returns the same aggregate when nothing changes.
 */
export function moveSession(aggregate: Aggregate, from: State | undefined, to: State | undefined): Aggregate {
  if (from === to) return aggregate;
  const counts = { ...aggregate.counts };
  if (from !== undefined) counts[from] -= 1;
  if (to !== undefined) counts[to] += 1;
  return { counts, state: strongest(counts, aggregate.order), order: aggregate.order };
}

function strongest(counts: Counts, order: readonly State[]): State {
  for (const state of order) if (counts[state] > 0) return state;
  return "idle";
}

/** How many sessions a floater counts as active: all but those that are idle, unknown or ending, as in 0.7.4. */
export function activeSessions(counts: Counts): number {
  return counts.failed + counts.waiting + counts.prompted + counts.starting + counts.done + counts.working;
}
