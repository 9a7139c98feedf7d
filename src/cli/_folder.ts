/** The state folder, as commands name it. @module */

import { enterFolder } from "../folder/enter.ts";
import type { Instance } from "../folder/instance.ts";
import { folderPath } from "../folder/place.ts";
import type { Flags } from "./_flags.ts";
import { type Option, switchOption, textOption } from "./_option.ts";
import type { Io } from "./io.ts";

/** Where tokens, log and the broker's address are kept. */
export const STATE_DIR: Option<string | undefined> = textOption({
  name: "state-dir",
  hint: "DIR",
  description: "folder for tokens, the log and the broker's address; without it, the system's place for the data of a user",
  env: ["PERCH_STATE_DIR"],
  fallback: undefined,
});

/** Whether another broker is to leave. */
export const REPLACE: Option<boolean> = switchOption({
  name: "replace",
  description: "have a broker that already runs on the state folder leave in order, and take its place",
});

/** The path of the state folder. */
export function stateDir(flags: Flags, io: Io): string {
  return folderPath(flags.get(STATE_DIR), io.surroundings);
}

/** Makes this program the broker of its state folder; undefined when `stop` was aborted before. */
export async function enterStateDir(flags: Flags, io: Io, stop: AbortSignal): Promise<Instance | undefined> {
  const options = { path: stateDir(flags, io), isReplacing: flags.get(REPLACE), stop };
  return await enterFolder(options, await io.machine());
}
