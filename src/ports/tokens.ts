/** The tokens that a broker knows, wherever they are kept. @module */

import type { Scope } from "../core/scopes.ts";

/** A token that is valid, without its secret. */
export interface Token {
  /** Its public name: letters and digits. Told in lists and logs. */
  readonly id: string;
  /** What it allows. */
  readonly scopes: ReadonlySet<Scope>;
  /** Wall-clock time from which it is no longer valid, in milliseconds since 1970; undefined for never. */
  readonly expiresAt: number | undefined;
}

/** What is known of a token. Those that were revoked are remembered, so that their readers can be told to stay away. */
export type TokenState = "valid" | "expired" | "revoked" | "unknown";

/** What a presented secret is worth. */
export type TokenCheck =
  | { readonly state: "valid"; readonly token: Token }
  | { readonly state: Exclude<TokenState, "valid"> };

/** Judges tokens. Synchronous, so that nothing can happen between the check and the act. */
export interface Tokens {
  /** Compares in constant time, with what is known now. */
  check(secret: string): TokenCheck;
  /** The state of the token of this id, for whoever was let in with it earlier. */
  stateOf(id: string): TokenState;
  /** Calls `listener` when tokens were made, changed or revoked, within 2 s; returns how to stop. */
  onChange(listener: () => void): () => void;
}
