/** Log lines of a broker that runs by itself. As a library Perch leaves LogTape alone. @module */

import { configureSync, getTextFormatter, type LogLevel } from "@logtape/logtape";

/** What `--log-level` takes, from the most to the least talkative. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** Sends the broker's log from `level` up to `write`, one record after the other: time, level, category, message. */
export function logTo(write: (text: string) => void, level: typeof LOG_LEVELS[number]): void {
  const lowestLevel: LogLevel = level === "warn" ? "warning" : level;
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
