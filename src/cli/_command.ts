/** A command of `perch`. @module */

import type { Flags } from "./_flags.ts";
import type { Option } from "./_option.ts";
import type { Io } from "./io.ts";

/** A word that a command takes, e.g. `KIND`. */
export interface Word {
  readonly name: string;
  readonly description: string;
  /** True when the command does without it; then it is the last one. */
  readonly isOptional?: boolean;
}

/** One command. Its options are all that it understands; it reads each of them before it does anything. */
export interface Command {
  /** One word, or two for a command that belongs to another. */
  readonly name: string;
  readonly description: string;
  readonly words: readonly Word[];
  readonly options: readonly Option<unknown>[];
  /** Shown at the end of the help. */
  readonly examples: readonly string[];
  /**
   * Runs and returns the exit code.
   *
   * @throws {UsageError} Exit code 2.
   * @throws {FailedError} Exit code 1.
   */
  run(flags: Flags, io: Io): Promise<number>;
}
