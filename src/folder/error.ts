/** What is wrong with a state folder. @module */

/**
 * Stable, made for programs: `foreign` (it belongs to another user), `shared` (it is open to others and holds other things),
 * `unusable` (it can't be made, read or written, or something in it is not what it should be), `invalid_tokens` (`tokens.json` is
 * no list of tokens), `busy` (another program holds the list of tokens), `running` (another broker runs on it), `stays` (that
 * broker did not leave).
 */
export type FolderProblem = "foreign" | "shared" | "unusable" | "invalid_tokens" | "busy" | "running" | "stays";

/** The state folder can't be used. The message says why, and what to do. */
export class FolderError extends Error {
  /** The name of the class. */
  override readonly name: string = "FolderError";
  /** See {@linkcode FolderProblem}. */
  readonly code: FolderProblem;

  /** An error with its code. */
  constructor(code: FolderProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What went wrong, in the words of the system. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
