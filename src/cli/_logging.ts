/** Log lines of a broker that runs by itself. As a library Perch leaves LogTape alone. @module */

import { configureSync, getTextFormatter } from "@logtape/logtape";
import type { LogLevel } from "./_log-levels.ts";
import { oneLine } from "./_text.ts";

/** Characters of a record, and of one text in it, at most: others write what is in it. */
const MOST_CHARS = 4_000;
const MOST_VALUE_CHARS = 400;

/**
 * Sends the broker's log from `level` up to `write`, one record after the other: time, level, category, message. Nothing in it
 * can be taken for a command to a terminal or for another record: further lines of a record, as traces have them, are indented.
 */
export function logTo(write: (text: string) => void, level: LogLevel): void {
  const lowestLevel = level === "warn" ? "warning" : level;
  const format = getTextFormatter({
    timestamp: "rfc3339",
    level: "full",
    category: ".",
    value: (value, inspect) => typeof value === "string" ? cut(oneLine(value), MOST_VALUE_CHARS) : inspect(value),
    format: ({ timestamp, level, category, message }) => `${timestamp} ${level} ${category} ${message}`,
  });
  const linesOf = (text: string) => cut(text.trimEnd(), MOST_CHARS).split("\n").map(oneLine).join("\n  ");
  configureSync({
    reset: true,
    sinks: { lines: (record) => write(`${linesOf(format(record))}\n`) },
    loggers: [
      { category: "perch", lowestLevel, sinks: ["lines"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["lines"] },
    ],
  });
}

const cut = (text: string, chars: number): string => text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
