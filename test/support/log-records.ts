/** What Perch writes to the log of the program that runs it. @module */

import { configureSync, type LogRecord } from "@logtape/logtape";
import { holdLog } from "../../src/ports/log.ts";

/** Has LogTape keep all lines of Perch, from debug up, in the list that is returned. */
export function keepRecords(): LogRecord[] {
  const records: LogRecord[] = [];
  configureSync({
    reset: true,
    sinks: { list: (record) => void records.push(record) },
    loggers: [
      { category: "perch", lowestLevel: "debug", sinks: ["list"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: [] },
    ],
  });
  return records;
}

/** The lines that `work` writes, once they are all written. */
export async function recordsOf(work: () => unknown): Promise<LogRecord[]> {
  const records = keepRecords();
  const letGo = holdLog();
  await work();
  await letGo();
  return records;
}

/** The line as it reads. */
export function textOf({ message }: LogRecord): string {
  return message.map((part) => part instanceof Error ? part.message : String(part)).join("");
}
