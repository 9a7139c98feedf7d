/** Files beside a database, on Deno, by its own means: `node:fs` and `node:zlib` alone would double the time of a start. @module */

import { crc32 } from "../src/core/crc32.ts";
import { type DatabaseFiles, MARK_CHARS } from "./database-files.ts";

/** See {@linkcode DatabaseFiles}. */
export const denoDatabaseFiles: DatabaseFiles = {
  makePrivate: (path) => openPrivate(path).close(),
  openMark(path) {
    const file = openPrivate(path);
    const toStart = (): void => void file.seekSync(0, Deno.SeekMode.Start);
    return {
      read() {
        const bytes = new Uint8Array(MARK_CHARS);
        toStart();
        return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
      },
      write(text) {
        toStart();
        file.writeSync(new TextEncoder().encode(text));
      },
      close: () => file.close(),
    };
  },
  moveAside(from, to) {
    try {
      Deno.renameSync(from, to);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  },
  checksum: crc32,
};

function openPrivate(path: string): Deno.FsFile {
  const file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
  return file;
}
