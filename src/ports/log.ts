/** Where the broker's log lines go: LogTape, silent unless the program that runs Perch configures it. @module */

import type { getLogger } from "@logtape/logtape";

/** Writes log lines. `{name}` in a message stands for the property of that name. */
export interface Log {
  /** What was refused, who came and went: for whoever asks why something does not arrive. */
  debug(message: string, properties?: Record<string, unknown>): void;
  info(message: string, properties?: Record<string, unknown>): void;
  warn(message: string, properties?: Record<string, unknown>): void;
  error(message: string, properties?: Record<string, unknown>): void;
}

interface Line {
  readonly part: string;
  readonly level: keyof Log;
  readonly message: string;
  readonly properties: Record<string, unknown>;
}

/** Lines that wait for LogTape at most; what comes after them is counted. */
const MOST_WAITING = 1_000;

let waiting: Line[] = [];
let lostCount = 0;
let holdCount = 0;
let isLoading = false;
let loggerOf: typeof getLogger | undefined;

/**
 * The log of one part of Perch, under the category `["perch", part]`. LogTape is loaded with the first line: most brokers
 * never write one, and every broker should start fast.
 */
export function logger(part: string): Log {
  const write = (level: keyof Log) => (message: string, properties: Record<string, unknown> = {}): void => {
    put({ part, level, message, properties });
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

/**
 * Holds all lines back, 1,000 at most, so that a program can configure LogTape after it has begun to work. Returns how to let
 * them go; it resolves once they are written, and may be called twice.
 */
export function holdLog(): () => Promise<void> {
  holdCount += 1;
  let isHeld = true;
  return async () => {
    if (isHeld) holdCount -= 1;
    isHeld = false;
    if (holdCount === 0) await load();
  };
}

function put(line: Line): void {
  if (loggerOf !== undefined && waiting.length === 0 && holdCount === 0) return write(loggerOf, line);
  if (waiting.length < MOST_WAITING) waiting.push(line);
  else lostCount += 1;
  if (holdCount === 0 && !isLoading) void load();
}

/** Never rejects: where LogTape can't be loaded, the lines wait for the next one, which tries again. */
async function load(): Promise<void> {
  isLoading = true;
  try {
    loggerOf ??= (await import("@logtape/logtape")).getLogger;
  } catch {
    return;
  } finally {
    isLoading = false;
  }
  if (holdCount > 0) return;
  const lines = waiting;
  if (lostCount > 0) {
    const properties = { count: lostCount };
    lines.push({ part: "log", level: "warn", message: "{count} lines came too early and are lost", properties });
  }
  waiting = [];
  lostCount = 0;
  for (const line of lines) write(loggerOf, line);
}

const write = (loggerFor: typeof getLogger, { part, level, message, properties }: Line): void =>
  loggerFor(["perch", part])[level](message, properties);
