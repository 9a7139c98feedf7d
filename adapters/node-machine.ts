/** The machine, as the state folder needs it, on Node. @module */

import process from "node:process";
import type { Clock } from "../src/ports/clock.ts";
import type { Machine } from "../src/ports/machine.ts";
import { nodeDigests } from "./digests.ts";
import { loadSqlite } from "./load-sqlite.ts";
import { nodeFiles } from "./node-files.ts";
import { sqliteLocks } from "./sqlite-locks.ts";

/** The machine that this process runs on. */
export async function nodeMachine(clock: Clock): Promise<Machine> {
  return { files: nodeFiles(), locks: sqliteLocks(await loadSqlite()), digests: nodeDigests(), clock, pid: process.pid };
}
