/** Log lines of a broker that runs by itself. As a library Perch leaves LogTape alone. @module */

import { configureSync, getTextFormatter } from "@logtape/logtape";
import type { LogLevel } from "./_log-levels.ts";

/** Sends the broker's log from `level` up to `write`, one record after the other: time, level, category, message. */
export function logTo(write: (text: string) => void, level: LogLevel): void {
  const lowestLevel = level === "warn" ? "warning" : level;
  const format = getTextFormatter({
    timestamp: "rfc3339",
    level: "full",
    category: ".",
    format: ({ timestamp, level, category, message }) => `${timestamp} ${level} ${category} ${message}`,
  });
  configureSync({
    reset: true,
    sinks: { lines: (record) => write(format(record)) },
    loggers: [
      { category: "perch", lowestLevel, sinks: ["lines"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["lines"] },
    ],
  });
}
