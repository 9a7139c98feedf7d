/** The tokens of a broker that runs: the list of its folder, looked at again whenever it has changed. @module */

import { type Log, logger } from "../ports/log.ts";
import type { Machine } from "../ports/machine.ts";
import type { TokenCheck, Tokens, TokenState } from "../ports/tokens.ts";
import { checkToken, stateOfRecord } from "../tokens/judge.ts";
import type { TokenRecord } from "../tokens/list.ts";
import { tokenIdOf } from "../tokens/text.ts";
import { FolderError, reasonOf } from "./error.ts";
import type { TokenFile } from "./token-file.ts";

/**
 * Tokens by the list in `path`. While that can't be read or is no list, the last good one counts; once it is removed, no token is
 * valid.
 */
export class LiveTokens implements Tokens {
  readonly #file: TokenFile;
  readonly #path: string;
  readonly #machine: Machine;
  readonly #log: Log = logger("tokens");
  readonly #listeners = new Set<() => void>();
  #records: ReadonlyMap<string, TokenRecord> = new Map();
  #edition: string | undefined;
  #nextExpiry = Infinity;
  #problem: string | undefined;

  /** @throws {FolderError} If the list can't be read. */
  constructor(file: TokenFile, path: string, machine: Machine) {
    this.#file = file;
    this.#path = path;
    this.#machine = machine;
    this.#edition = this.#look();
    this.#take(file.read());
  }

  check(secret: string): TokenCheck {
    const answer = this.#checkKnown(secret);
    if (answer.state !== "unknown" || tokenIdOf(secret) === undefined) return answer;
    // It may have been made since the list was looked at.
    this.refresh();
    return this.#checkKnown(secret);
  }

  stateOf(id: string): TokenState {
    const record = this.#records.get(id);
    return record === undefined ? "unknown" : stateOfRecord(record, this.#machine.clock.wall());
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Looks whether the list has changed or a token has expired, and tells the listeners. Never throws. */
  refresh(): void {
    const hasExpired = this.#nextExpiry <= this.#machine.clock.wall();
    if (!this.#reload() && !hasExpired) return;
    this.#planExpiry();
    for (const listener of this.#listeners) this.#tell(listener);
  }

  #checkKnown(secret: string): TokenCheck {
    return checkToken(this.#records, secret, this.#machine.clock.wall(), this.#machine.digests);
  }

  /** True when there is another list. */
  #reload(): boolean {
    const edition = this.#look();
    if (edition === this.#edition) return false;
    try {
      this.#take(this.#file.read());
      if (edition === undefined) this.#log.error("{path} is gone: no token is valid any more", { path: this.#path });
      this.#problem = undefined;
    } catch (error) {
      this.#complain(reasonOf(error));
      // What can't be read now may be readable later, though it is the same.
      if (!(error instanceof FolderError && error.code === "invalid_tokens")) return false;
    }
    this.#edition = edition;
    return this.#problem === undefined;
  }

  #complain(problem: string): void {
    if (problem !== this.#problem) this.#log.error("the tokens of before go on: {problem}", { problem });
    this.#problem = problem;
  }

  #tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#log.error("a listener to changes of tokens failed: {error}", { error });
    }
  }

  #take(records: readonly TokenRecord[]): void {
    this.#records = new Map(records.map((record) => [record.id, record]));
    this.#planExpiry();
  }

  #planExpiry(): void {
    const now = this.#machine.clock.wall();
    this.#nextExpiry = Infinity;
    for (const { revokedAt, expiresAt = Infinity } of this.#records.values()) {
      if (revokedAt === undefined && expiresAt > now) this.#nextExpiry = Math.min(this.#nextExpiry, expiresAt);
    }
  }

  /** Undefined when it is not there; where not even that can be told, as it was. */
  #look(): string | undefined {
    try {
      return this.#machine.files.look(this.#path)?.edition;
    } catch (error) {
      this.#complain(reasonOf(error));
      return this.#edition;
    }
  }
}
