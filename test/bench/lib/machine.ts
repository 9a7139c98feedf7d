/** Where and with what was measured. @module */

import { cpus, platform, release } from "node:os";
import { isPinned } from "./pinning.ts";
import { versions } from "./targets.ts";

/** What a table must be read with. */
export interface Circumstances {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly isPinned: boolean;
  readonly versions: ReturnType<typeof versions>;
}

/** The present ones. */
export function circumstances(): Circumstances {
  const cores = cpus();
  return {
    startedAt: new Date().toISOString(),
    cpu: cores[0]?.model ?? "unknown",
    cores: cores.length,
    system: `${platform()} ${release()}`,
    isPinned: isPinned(),
    versions: versions(),
  };
}

/** The same in one sentence. */
export function describe({ startedAt, cpu, cores, isPinned, versions: { node, deno, perch, peer } }: Circumstances): string {
  const pinned = isPinned ? "servers on one core, the load on the others" : "not pinned to cores";
  return `${startedAt.slice(0, 10)}, ${cpu}, ${cores} cores, ${pinned}: Perch ${perch} on Node ${node} and Deno ${deno}, ` +
    `peer @mavis-pet/broker ${peer} on Node ${node}.`;
}
