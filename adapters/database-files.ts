/** What the store that lasts needs of files; each runtime has its own. @module */

import type { Checksum, HeadMark } from "../src/stores/sqlite.ts";

/** Files beside a database. */
export interface DatabaseFiles {
  /** Makes sure that a file is there that only this user can read and write, whatever the mask is. */
  makePrivate(path: string): void;
  /** Opens such a file as a mark; it stays open, so that a mark costs one call of the system. */
  openMark(path: string): HeadMark;
  /** Renames a file; nothing happens when it is not there. */
  moveAside(from: string, to: string): void;
  /** CRC-32, the quickest way that the runtime has at hand. */
  readonly checksum: Checksum;
}

/** Characters of a mark at most, all of them ASCII. */
export const MARK_CHARS = 32;
