/** What the kernel knows of a process. @module */

import { readdirSync, readFileSync } from "node:fs";

/**
 * CPU that all threads of a process have used so far, in milliseconds, by the scheduler's own clock: it hardly moves with what
 * others do, and is finer than the ticks of `times`.
 */
export function cpuMsOf(pid: number): number {
  let ns = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ", 1)[0]);
    } catch {
      // The thread has ended meanwhile.
    }
  }
  return ns / 1e6;
}

/** Resident memory of a process, in MiB. */
export function residentMiBOf(pid: number): number {
  return Number(/^VmRSS:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]) / 1024;
}
