/** The parts of a machine that the state folder rests on. @module */

import type { Clock } from "./clock.ts";
import type { Digests } from "./digests.ts";
import type { Files } from "./files.ts";
import type { Locks } from "./locks.ts";

/** See the module. */
export interface Machine {
  readonly files: Files;
  readonly locks: Locks;
  readonly digests: Digests;
  readonly clock: Clock;
  /** The number of this process. */
  readonly pid: number;
}
