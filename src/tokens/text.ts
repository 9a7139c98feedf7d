/** What a token looks like to who holds it: `perch_<id>_<secret>`. @module */

import { randomKey, randomWord } from "../random.ts";

const ID_CHARS = 10;
const TEXT = /^perch_([A-Za-z0-9]{10})_[A-Za-z0-9_-]{43}$/;

/** What an id of a token looks like. */
export const TOKEN_ID: RegExp = /^[A-Za-z0-9]{10}$/;

/** A new token: its id (59 bits) is public, its text with 256 more random bits is the secret. */
export function newTokenText(): { readonly id: string; readonly text: string } {
  const id = randomWord(ID_CHARS);
  return { id, text: `perch_${id}_${randomKey()}` };
}

/** The id in the text of a token; undefined when it is none. */
export function tokenIdOf(text: string): string | undefined {
  return TEXT.exec(text)?.[1];
}
