/** Where the broker's log lines go: LogTape, silent unless the program that runs Perch configures it. @module */

/** Writes log lines. `{name}` in a message stands for the property of that name. */
export interface Log {
  info(message: string, properties?: Record<string, unknown>): void;
  warn(message: string, properties?: Record<string, unknown>): void;
  error(message: string, properties?: Record<string, unknown>): void;
}

/**
 * The log of one part of Perch, under the category `["perch", part]`. LogTape is loaded with the first line: most brokers
 * never write one, and every broker should start fast.
 */
export function logger(part: string): Log {
  const write = (level: keyof Log) => (message: string, properties: Record<string, unknown> = {}): void => {
    void import("@logtape/logtape").then(({ getLogger }) => getLogger(["perch", part])[level](message, properties));
  };
  return { info: write("info"), warn: write("warn"), error: write("error") };
}
