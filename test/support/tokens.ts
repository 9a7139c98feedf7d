/** Tokens in the hand of a test. @module */

import { type Scope, SCOPES } from "../../src/core/scopes.ts";
import type { TokenCheck, Tokens, TokenState } from "../../src/ports/tokens.ts";

interface Entry {
  readonly id: string;
  readonly scopes: ReadonlySet<Scope>;
  state: TokenState;
}

/** Tokens whose texts are `perch_<id>`. */
export class FakeTokens implements Tokens {
  readonly #entries = new Map<string, Entry>();

  /** @param ids Tokens that may do everything. */
  constructor(...ids: readonly string[]) {
    for (const id of ids) this.add(id, ...SCOPES);
  }

  /** Adds a token, or gives it other scopes. */
  add(id: string, ...scopes: readonly Scope[]): this {
    this.#entries.set(id, { id, scopes: new Set(scopes), state: "valid" });
    return this;
  }

  /** What becomes of a token. */
  set(id: string, state: TokenState): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.state = state;
  }

  check(secret: string): TokenCheck {
    const entry = this.#entries.get(secret.replace(/^perch_/, ""));
    if (entry === undefined || entry.state === "unknown") return { state: "unknown" };
    if (entry.state !== "valid") return { state: entry.state };
    return { state: "valid", token: { id: entry.id, scopes: entry.scopes, expiresAt: undefined } };
  }

  stateOf(id: string): TokenState {
    return this.#entries.get(id)?.state ?? "unknown";
  }

  onChange(): () => void {
    return () => {};
  }
}

/** The header that shows a token of {@linkcode FakeTokens}. */
export function bearer(id: string): { readonly authorization: string } {
  return { authorization: `Bearer perch_${id}` };
}
