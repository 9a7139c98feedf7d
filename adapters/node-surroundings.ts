/** Where a program on Node runs, and for whom. @module */

import process from "node:process";
import type { Surroundings } from "../src/folder/place.ts";

/** Where this process runs, and for whom. */
export const nodeSurroundings: Surroundings = {
  os: process.platform === "win32" ? "windows" : process.platform === "darwin" ? "darwin" : "unix",
  env: (name) => process.env[name],
  home: () => process.getBuiltinModule("node:os").homedir(),
  cwd: () => process.cwd(),
};
