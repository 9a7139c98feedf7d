/** The machine, as the state folder needs it, on Deno. @module */

import type { Clock } from "../src/ports/clock.ts";
import type { Machine } from "../src/ports/machine.ts";
import { denoFiles } from "./deno-files.ts";
import { nodeDigests } from "./digests.ts";
import { loadSqlite } from "./load-sqlite.ts";
import { sqliteLocks } from "./sqlite-locks.ts";

/** The machine that this process runs on. */
export async function denoMachine(clock: Clock): Promise<Machine> {
  return { files: denoFiles(), locks: sqliteLocks(await loadSqlite()), digests: nodeDigests(), clock, pid: Deno.pid };
}
