/** What can be done to a list of tokens: lists in, lists out. @module */

import { type Scope, SCOPES } from "../core/scopes.ts";
import type { Digests } from "../ports/digests.ts";
import { stateOfRecord } from "./judge.ts";
import type { TokenRecord } from "./list.ts";
import { newTokenText } from "./text.ts";

/** Valid tokens at most. */
export const MOST_TOKENS = 1_000;

/** Revoked and expired tokens that are remembered at most; the one that ended first makes room. */
export const MOST_ENDED = 1_000;

/** A change that can't be made; the message says why and what to do. */
export class TokenChangeError extends Error {
  override readonly name: string = "TokenChangeError";
}

/** What a new token is to be. */
export interface TokenWish {
  readonly scopes: readonly Scope[];
  readonly expiresAt?: number | undefined;
  readonly note?: string | undefined;
  readonly isRoot?: boolean | undefined;
}

/** The list with one more token, whose text is told only here. */
export interface MadeToken {
  readonly records: readonly TokenRecord[];
  readonly record: TokenRecord;
  /** The secret. */
  readonly text: string;
}

/** What the token of the folder itself may do: everything. */
export const ROOT_WISH: TokenWish = { scopes: SCOPES, isRoot: true };

/**
 * Adds a token.
 *
 * @param now The wall-clock time, in milliseconds since 1970.
 * @throws {TokenChangeError} If there are too many.
 */
export function addToken(records: readonly TokenRecord[], wish: TokenWish, now: number, digests: Digests): MadeToken {
  const count = records.filter((each) => stateOfRecord(each, now) === "valid").length;
  if (count >= MOST_TOKENS) {
    throw new TokenChangeError(`There are ${count} tokens, which is the most: revoke one that is not needed any more`);
  }
  const { id, text } = newTokenText();
  const record: TokenRecord = { id, sha256: digests.sha256(text), ...wish, createdAt: now };
  return { records: forgetOldest([...records, record], now), record, text };
}

/**
 * Revokes a token. One that was revoked already stays as it is.
 *
 * @throws {TokenChangeError} If there is none with this id.
 */
export function revokeToken(records: readonly TokenRecord[], id: string, now: number): readonly TokenRecord[] {
  const record = findToken(records, id);
  if (record.revokedAt !== undefined) return records;
  return forgetOldest(records.map((each) => each === record ? { ...each, revokedAt: now } : each), now);
}

/**
 * Puts a new token in the place of another, which is revoked: with its scopes, end and note, under an id of its own, so that who
 * was let in with the old one is told to leave.
 *
 * @throws {TokenChangeError} If there is none with this id, or it is not valid any more.
 */
export function rotateToken(records: readonly TokenRecord[], id: string, now: number, digests: Digests): MadeToken {
  const record = findToken(records, id);
  const state = stateOfRecord(record, now);
  if (state !== "valid") throw new TokenChangeError(`The token ${id} is ${state}: make another with "perch token create"`);
  const { scopes, expiresAt, note, isRoot } = record;
  return addToken(revokeToken(records, id, now), { scopes, expiresAt, note, isRoot }, now, digests);
}

/** The list with a new token of the folder itself, in the place of those before. */
export function replaceRoot(records: readonly TokenRecord[], now: number, digests: Digests): MadeToken {
  const roots = records.filter(({ isRoot, revokedAt }) => isRoot === true && revokedAt === undefined);
  const revoked = roots.reduce((list, { id }) => revokeToken(list, id, now), records);
  return addToken(revoked, ROOT_WISH, now, digests);
}

function findToken(records: readonly TokenRecord[], id: string): TokenRecord {
  const record = records.find((each) => each.id === id);
  if (record === undefined) throw new TokenChangeError(`There is no token ${JSON.stringify(id)}: "perch token list" shows all`);
  return record;
}

function forgetOldest(records: readonly TokenRecord[], now: number): readonly TokenRecord[] {
  const endOf = ({ revokedAt, expiresAt = 0 }: TokenRecord): number => revokedAt ?? expiresAt;
  const ended = records.filter((record) => stateOfRecord(record, now) !== "valid");
  if (ended.length <= MOST_ENDED) return records;
  const forgotten = new Set(ended.sort((a, b) => endOf(a) - endOf(b)).slice(0, -MOST_ENDED));
  return records.filter((record) => !forgotten.has(record));
}
