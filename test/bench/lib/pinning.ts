/** Servers on the first core, the load on the others, so that neither borrows from the other. @module */

import { spawnSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";

/** The core of the servers. */
export const SERVER_CORE = "0";

let pinned = false;

/** Moves this process, all its threads and what it will start away from {@linkcode SERVER_CORE}; needs two cores and `taskset`. */
export function pinLoad(): void {
  if (availableParallelism() < 2) return;
  const cores = cpus().length === 2 ? "1" : `1-${cpus().length - 1}`;
  pinned = spawnSync("taskset", ["-acp", cores, String(process.pid)]).status === 0;
}

/** True once {@linkcode pinLoad} has worked. */
export function isPinned(): boolean {
  return pinned;
}
