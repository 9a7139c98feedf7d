/** Where a program on Deno runs, and for whom. @module */

import type { Surroundings } from "../src/folder/place.ts";

const { os } = Deno.build;

/** Where this process runs, and for whom. */
export const denoSurroundings: Surroundings = {
  os: os === "windows" || os === "darwin" ? os : "unix",
  env: denoEnv,
  // Without the variable the system must be asked, and only what Deno has for Node can, which is slow to load.
  home: () => denoEnv(os === "windows" ? "USERPROFILE" : "HOME") || globalThis.process.getBuiltinModule("node:os").homedir(),
  cwd: () => Deno.cwd(),
};

/** A variable that may not be read counts as unset. */
export function denoEnv(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
