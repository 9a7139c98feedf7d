/** Who gets color. @module */

import type { Io } from "./io.ts";

/** Color is for terminals, and not for those who don't want it (https://no-color.org). */
export function colorFor(io: Io): boolean {
  return io.terminal !== undefined && !io.env("NO_COLOR") && io.env("TERM") !== "dumb";
}
