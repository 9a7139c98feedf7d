/** Log lines of a broker that runs by itself. As a library Perch leaves LogTape alone. @module */

import { configureSync } from "@logtape/logtape";
import type { Clock } from "../ports/clock.ts";
import { Flood } from "./_flood.ts";
import { FORMATS } from "./_log-formats.ts";
import type { LogFormat, LogLevel } from "./_log-words.ts";

/** Where log lines go, and how they look. */
export interface LoggingOptions {
  /** Takes one record, which ends its line. */
  readonly write: (text: string) => void;
  /** Records below are left out. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly clock: Clock;
}

/** Sends the broker's log somewhere, floods cut short. Returns how to tell, at the end, what was left out. */
export function startLogging({ write, level, format, clock }: LoggingOptions): () => void {
  const lowestLevel = level === "warn" ? "warning" : level;
  const flood = new Flood(clock, (record) => write(FORMATS[format](record)));
  configureSync({
    reset: true,
    sinks: { lines: (record) => flood.take(record) },
    loggers: [
      { category: "perch", lowestLevel, sinks: ["lines"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["lines"] },
    ],
  });
  return () => flood.end();
}
