/** The disk, as the state folder needs it. Everything is synchronous: these files are few and small. @module */

/** What is known of a file or folder without opening it. */
export interface FileFacts {
  readonly kind: "file" | "folder" | "link" | "other";
  /** The user that it belongs to; undefined where files have no owner (Windows). */
  readonly owner: number | undefined;
  /** Permission bits, `0o7777` at most; undefined where there are none (Windows). */
  readonly mode: number | undefined;
  readonly bytes: number;
  /** Another text whenever the file was written or replaced. */
  readonly edition: string;
}

/** All but `look` and `read` fail with the system's error when what they are asked for can't be done. */
export interface Files {
  /** The user that this program runs as; undefined where files have no owner (Windows). */
  readonly user: number | undefined;
  /** The facts of `path`; undefined when there is nothing. Of a link its own, unless `follow` asks for those of its target. */
  look(path: string, follow?: "follow"): FileFacts | undefined;
  /** The names of what is in a folder. */
  list(path: string): readonly string[];
  /** Makes a folder that only its user may enter, and those above it as needed; leaves one that is there as it is. */
  makeFolder(path: string): void;
  /** Sets the permission bits; does nothing where there are none. */
  restrict(path: string, mode: number): void;
  /** Makes an empty file that only its user may read and write; leaves one that is there alone, without opening it. */
  create(path: string): void;
  /** The text of a file; undefined when there is none. */
  read(path: string): string | undefined;
  /**
   * Puts a file that only its user may read in place of what was there, whole or not at all; with `keep`, through a power cut, too,
   * for which the disk is waited for.
   */
  write(path: string, text: string, keep?: "keep"): void;
  /** Removes a file; one that is not there is fine. */
  remove(path: string): void;
}
