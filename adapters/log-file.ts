/** A file of log lines that never grows too large, on either runtime. @module */

import { Buffer } from "node:buffer";
import { closeSync, existsSync, fchmodSync, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import type { LogFile, LogFileSettings } from "../src/cli/io.ts";

/** Only its owner may read a log. */
const MODE = 0o600;

/**
 * Opens a log file, and goes on where it ends. Lines are handed to the system one by one, in order, and not forced to the disk.
 * A path that is no file, such as a pipe, is only written to.
 *
 * @throws {Error} With the system's `code`, if it can't be opened.
 */
export function openLogFile(settings: LogFileSettings): LogFile {
  return new RotatingFile(settings);
}

class RotatingFile implements LogFile {
  readonly #settings: LogFileSettings;
  #file: number;
  #size = 0;
  #isRegular = false;
  #isTorn = false;

  constructor(settings: LogFileSettings) {
    this.#settings = settings;
    this.#file = this.#open();
  }

  write(line: string): void {
    const { maxBytes } = this.#settings;
    if (this.#isRegular && this.#size > 0 && this.#size + Buffer.byteLength(line) > maxBytes) this.#rotate();
    const bytes = Buffer.from(this.#isTorn ? `\n${line}` : line);
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.#file, bytes, done);
    } finally {
      this.#size += done;
      if (done > 0) this.#isTorn = done < bytes.length;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #open(): number {
    const file = openSync(this.#settings.path, "a", MODE);
    try {
      const stat = fstatSync(file);
      if (stat.isFile() && (stat.mode & 0o777) !== MODE) fchmodSync(file, MODE);
      this.#isRegular = stat.isFile();
      this.#size = stat.size;
      this.#isTorn = false;
      return file;
    } catch (error) {
      closeSync(file);
      throw error;
    }
  }

  /** If it fails halfway, the next line goes on with it: then there is no file of that name any more. */
  #rotate(): void {
    const { path, maxFiles } = this.#settings;
    if (existsSync(path)) {
      for (let place = maxFiles - 2; place > 0; place -= 1) {
        if (existsSync(`${path}.${place}`)) renameSync(`${path}.${place}`, `${path}.${place + 1}`);
      }
      if (maxFiles > 1) renameSync(path, `${path}.1`);
      else rmSync(path);
    }
    const full = this.#file;
    this.#file = this.#open();
    closeSync(full);
  }
}
