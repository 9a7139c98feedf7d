/** The list of tokens as it is kept: `tokens.json`. No secret is in it. @module */

import * as v from "valibot";
import { type Scope, SCOPES } from "../core/scopes.ts";
import { TOKEN_ID } from "./text.ts";

/** Most characters of a note. */
export const MOST_NOTE_CHARS = 200;

/** A token as the list knows it. All times are wall-clock times in milliseconds since 1970. */
export interface TokenRecord {
  /** 10 characters of `A-Za-z0-9`. */
  readonly id: string;
  /** SHA-256 of the token's whole text, in lower-case hex. */
  readonly sha256: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  /** Absent for a token that does not end by itself. */
  readonly expiresAt?: number | undefined;
  /** Absent for a token that was not revoked. */
  readonly revokedAt?: number | undefined;
  /** What it is for, in its maker's words. */
  readonly note?: string | undefined;
  /** True for the token of the folder itself, whose text is in the file `token`. */
  readonly isRoot?: boolean | undefined;
}

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const recordSchema = v.object({
  id: v.pipe(v.string(), v.regex(TOKEN_ID)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  scopes: v.array(v.picklist(SCOPES)),
  createdAt: time,
  expiresAt: v.optional(time),
  revokedAt: v.optional(time),
  note: v.optional(v.pipe(v.string(), v.maxLength(MOST_NOTE_CHARS))),
  isRoot: v.optional(v.boolean()),
});

/** Another number says that another Perch wrote the list, whose rules this one can't know. */
const VERSION = 1;

const listSchema = v.object({
  version: v.literal(VERSION),
  tokens: v.pipe(
    v.array(recordSchema),
    v.check((records) => new Set(records.map(({ id }) => id)).size === records.length, "an id comes twice"),
  ),
});

/**
 * Reads a list.
 *
 * @throws {Error} If it is none, with the place that is wrong.
 */
export function parseTokenList(text: string): readonly TokenRecord[] {
  const result = v.safeParse(listSchema, JSON.parse(text), { abortEarly: true });
  if (result.success) return result.output.tokens;
  const [issue] = result.issues;
  throw new Error(`${v.getDotPath(issue) ?? "the list"}: ${issue.message}`);
}

/** Writes a list, one token a line so that people can read it. */
export function formatTokenList(records: readonly TokenRecord[]): string {
  const lines = records.map((record) => `    ${JSON.stringify(record)}`);
  return `{\n  "version": ${VERSION},\n  "tokens": [\n${lines.join(",\n")}\n  ]\n}\n`;
}
