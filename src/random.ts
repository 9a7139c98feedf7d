/** Chance that nobody can guess. @module */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The largest multiple of 62 below 256: above it, some characters would come more often. */
const FAIR_LIMIT = 248;

/** `length` characters of `A-Za-z0-9`, nearly 6 bits each. */
export function randomWord(length: number): string {
  let word = "";
  while (word.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      if (byte < FAIR_LIMIT && word.length < length) word += ALPHABET[byte % ALPHABET.length];
    }
  }
  return word;
}

/** 256 random bits as 43 characters of base64url. */
export function randomKey(): string {
  const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replace("=", "");
}
