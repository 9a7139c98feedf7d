/** Judges tokens by a list of them. @module */

import type { Digests } from "../ports/digests.ts";
import type { TokenCheck, TokenState } from "../ports/tokens.ts";
import type { TokenRecord } from "./list.ts";
import { tokenIdOf } from "./text.ts";

/** What is compared for a token that is not in the list, so that it takes as long as for one that is. */
const NO_SHA256 = "0".repeat(64);

/** The state of a token at the wall-clock time `now`. */
export function stateOfRecord(
  { revokedAt, expiresAt }: Pick<TokenRecord, "revokedAt" | "expiresAt">,
  now: number,
): Exclude<TokenState, "unknown"> {
  if (revokedAt !== undefined) return "revoked";
  return expiresAt !== undefined && expiresAt <= now ? "expired" : "valid";
}

/** What the presented `text` is worth at the wall-clock time `now`. Only who has the secret learns what became of a token. */
export function checkToken(
  records: ReadonlyMap<string, TokenRecord>,
  text: string,
  now: number,
  digests: Digests,
): TokenCheck {
  const id = tokenIdOf(text);
  if (id === undefined) return { state: "unknown" };
  const record = records.get(id);
  const isRight = digests.areEqual(digests.sha256(text), record?.sha256 ?? NO_SHA256);
  if (record === undefined || !isRight) return { state: "unknown" };
  const state = stateOfRecord(record, now);
  if (state !== "valid") return { state };
  return { state, token: { id, scopes: new Set(record.scopes), expiresAt: record.expiresAt } };
}
