/** How a command ends. @module */

/** Exit codes; a shell adds 128 and the signal for a program that a signal ended. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** The command line can't be understood: exit code 2. The message names what is wrong, with which value, and what to do. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** What was asked for can't be done now: exit code 1. The message is all that a user needs. */
export class FailedError extends Error {
  override readonly name: string = "FailedError";
}
