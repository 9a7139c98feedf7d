/** The tokens of a state folder: the list, and the text of the root token. @module */

import type { Machine } from "../ports/machine.ts";
import { type MadeToken, replaceRoot } from "../tokens/changes.ts";
import { checkToken, stateOfRecord } from "../tokens/judge.ts";
import { formatTokenList, parseTokenList, type TokenRecord } from "../tokens/list.ts";
import { tokenIdOf } from "../tokens/text.ts";
import { FolderError, reasonOf } from "./error.ts";
import type { FolderPaths } from "./paths.ts";

/** How long a change waits for those before it, in milliseconds. Each takes some milliseconds, on a busy machine a second. */
const TURN_MS = 30_000;

/** Longest list that is read, in bytes; 2,000 tokens with the longest notes need less. */
export const MOST_LIST_BYTES: number = 4 * 1024 * 1024;

/** The files `token` and `tokens.json`. */
export class TokenFile {
  readonly #paths: FolderPaths;
  readonly #machine: Machine;

  constructor(paths: FolderPaths, machine: Machine) {
    this.#paths = paths;
    this.#machine = machine;
  }

  /**
   * The list as it is kept now; empty when there is none.
   *
   * @throws {FolderError} `invalid_tokens` or `unusable`.
   */
  read(): readonly TokenRecord[] {
    const { tokens } = this.#paths;
    const { files } = this.#machine;
    const bytes = files.look(tokens)?.bytes ?? 0;
    const problem = (why: string, cause?: unknown) => {
      const help = "mend it, or remove it to make all tokens void";
      return new FolderError("invalid_tokens", `${tokens} is no list of tokens (${why}): ${help}`, { cause });
    };
    if (bytes > MOST_LIST_BYTES) throw problem(`${bytes} bytes, ${MOST_LIST_BYTES} are allowed`);
    const text = this.#read(tokens);
    try {
      return text === undefined ? [] : parseTokenList(text);
    } catch (error) {
      throw problem(reasonOf(error), error);
    }
  }

  /** The text in the file `token`; undefined when there is none. */
  rootText(): string | undefined {
    return this.#read(this.#paths.token)?.trim();
  }

  /**
   * Makes sure that there is a valid root token, and returns its text.
   *
   * @param isThorough Also looks whether its secret is right, for which Node and Deno take some 10 ms.
   * @throws {FolderError} `invalid_tokens`, `busy` or `unusable`.
   */
  ensureRoot(isThorough: boolean): string {
    const isRoot = (records: readonly TokenRecord[], text = ""): boolean => {
      const now = this.#machine.clock.wall();
      const record = records.find(({ id }) => id === tokenIdOf(text));
      if (record?.isRoot !== true || stateOfRecord(record, now) !== "valid") return false;
      return !isThorough || checkToken(new Map([[record.id, record]]), text, now, this.#machine.digests).state === "valid";
    };
    const text = this.rootText();
    if (text !== undefined && isRoot(this.read(), text)) return text;
    return this.change((records, now) => {
      const present = this.rootText();
      if (present !== undefined && isRoot(records, present)) return { records, text: present };
      return replaceRoot(records, now, this.#machine.digests);
    }).text;
  }

  /**
   * Changes the list, one program after the other. Where the change made a root token, its text goes to the file `token`.
   *
   * @param make Gets the list and the wall-clock time, and returns at least the new list.
   * @throws {FolderError} `invalid_tokens`, `busy` or `unusable`.
   */
  change<Change extends Pick<MadeToken, "records"> & Partial<MadeToken>>(
    make: (records: readonly TokenRecord[], now: number) => Change,
  ): Change {
    const { tokens, token, tokensLock } = this.#paths;
    const { files, locks, clock, digests } = this.#machine;
    // Has what is slow to load loaded before it is this program's turn.
    digests.sha256("");
    const turn = locks.take(tokensLock, TURN_MS);
    if (turn === undefined) {
      throw new FolderError("busy", `Another program has been changing ${tokens} for ${TURN_MS / 1000} s: try again`);
    }
    try {
      const before = this.read();
      const change = make(before, clock.wall());
      if (change.records !== before) files.write(tokens, formatTokenList(change.records), "keep");
      if (change.record?.isRoot === true && change.text !== undefined) files.write(token, `${change.text}\n`, "keep");
      return change;
    } finally {
      turn.release();
    }
  }

  #read(path: string): string | undefined {
    try {
      return this.#machine.files.read(path);
    } catch (error) {
      throw new FolderError("unusable", `Cannot read ${path}: ${reasonOf(error)}`, { cause: error });
    }
  }
}
