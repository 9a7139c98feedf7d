/** Where the broker's log lines go: LogTape, silent unless the program that runs Perch configures it. @module */

import { getLogger, type Logger } from "@logtape/logtape";

/** The logger of one part of Perch, under the category `["perch", part]`. */
export function logger(part: string): Logger {
  return getLogger(["perch", part]);
}
