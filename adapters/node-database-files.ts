/** Files beside a database, on Node. @module */

import process from "node:process";
import { type DatabaseFiles, MARK_CHARS } from "./database-files.ts";

const fs = process.getBuiltinModule("node:fs");
const { crc32 } = process.getBuiltinModule("node:zlib");

/** See {@linkcode DatabaseFiles}. */
export const nodeDatabaseFiles: DatabaseFiles = {
  makePrivate: (path) => fs.closeSync(openPrivate(path)),
  openMark(path) {
    const file = openPrivate(path);
    return {
      read() {
        const bytes = Buffer.alloc(MARK_CHARS);
        return bytes.toString("latin1", 0, fs.readSync(file, bytes, 0, MARK_CHARS, 0));
      },
      write: (text) => void fs.writeSync(file, text, 0, "latin1"),
      close: () => fs.closeSync(file),
    };
  },
  moveAside(from, to) {
    if (fs.existsSync(from)) fs.renameSync(from, to);
  },
  checksum: crc32,
};

function openPrivate(path: string): number {
  const { O_RDWR, O_CREAT } = fs.constants;
  const file = fs.openSync(path, O_RDWR | O_CREAT, 0o600);
  fs.fchmodSync(file, 0o600);
  return file;
}
