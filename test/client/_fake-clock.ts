/** A clock for a client under test. @module */

import type { ClientClock } from "../../src/client/clock.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A clock that moves only when a test says so, and the chance that the test gives it. */
export function fakeClientClock(random: () => number = () => 0.5): ClientClock & FakeClock {
  return Object.assign(new FakeClock(), { random });
}
