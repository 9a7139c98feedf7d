/** Where log lines go: to stderr, or to a file that may fail for a while. @module */

import { logger } from "../ports/log.ts";
import { FailedError } from "./_exit.ts";
import type { Io, LogFile, LogFileSettings } from "./io.ts";

const log = logger("log");

/**
 * Opens it, and returns what takes one record.
 *
 * @throws {FailedError} If the file can't be opened.
 */
export async function openLogTarget(settings: LogFileSettings | undefined, io: Io): Promise<(text: string) => void> {
  if (settings === undefined) return (text) => io.stderr(text);
  try {
    return writerOf(await io.openLogFile(settings), settings.path, io);
  } catch (error) {
    throw new FailedError(`Cannot write the log to ${settings.path}: ${messageOf(error)}`, { cause: error });
  }
}

/** What can't be written is lost: stderr is told of the first line, and the file of how many, once it can be written again. */
function writerOf(file: LogFile, path: string, io: Io): (text: string) => void {
  let lost = 0;
  return (text) => {
    try {
      file.write(text);
    } catch (error) {
      if (lost === 0) io.stderr(`perch: Cannot write the log to ${path}: ${messageOf(error)}: lines are lost until it works\n`);
      lost += 1;
      return;
    }
    if (lost === 0) return;
    const count = lost;
    lost = 0;
    log.error("{count} lines could not be written and are lost", { count });
  };
}

const messageOf = (error: unknown): string => error instanceof Error ? error.message : String(error);
