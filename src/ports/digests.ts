/** What keeping secrets needs of the runtime. @module */

/** Synchronous, since a check of a token is. */
export interface Digests {
  /** SHA-256 of the text's UTF-8, as 64 characters of lower-case hex. */
  sha256(text: string): string;
  /** Compares in a time that does not tell where two texts of one length differ. */
  areEqual(a: string, b: string): boolean;
}
