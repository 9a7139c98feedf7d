/** Files on Node. @module */

import type { Stats } from "node:fs";
import process from "node:process";
import type { FileFacts, Files } from "../src/ports/files.ts";

const fs = process.getBuiltinModule("node:fs");
const isWindows = process.platform === "win32";

/** Files of the user that this process runs as. */
export function nodeFiles(): Files {
  return {
    user: process.getuid?.(),
    look(path, follow) {
      const stats = follow === undefined
        ? fs.lstatSync(path, { throwIfNoEntry: false })
        : fs.statSync(path, { throwIfNoEntry: false });
      return stats === undefined ? undefined : factsOf(stats);
    },
    list: (path) => fs.readdirSync(path),
    makeFolder(path) {
      fs.mkdirSync(path, { recursive: true, mode: 0o700 });
    },
    restrict(path, mode) {
      if (!isWindows) fs.chmodSync(path, mode);
    },
    create(path) {
      const descriptor = unlessThere("EEXIST", () => fs.openSync(path, "wx", 0o600));
      if (descriptor === undefined) return;
      if (!isWindows) fs.fchmodSync(descriptor, 0o600);
      fs.closeSync(descriptor);
    },
    read: (path) => unlessThere("ENOENT", () => fs.readFileSync(path, "utf8")),
    write: (path, text, keep) => write(path, text, keep === "keep"),
    remove: (path) => fs.rmSync(path, { force: true }),
  };
}

function factsOf(stats: Stats): FileFacts {
  const { uid, mode, size, ino, mtimeMs, ctimeMs } = stats;
  const kind = stats.isFile() ? "file" : stats.isDirectory() ? "folder" : stats.isSymbolicLink() ? "link" : "other";
  const edition = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  return { kind, owner: isWindows ? undefined : uid, mode: isWindows ? undefined : mode & 0o7777, bytes: size, edition };
}

function write(path: string, text: string, isKept: boolean): void {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    fs.rmSync(draft, { force: true });
    const descriptor = fs.openSync(draft, "wx", 0o600);
    try {
      if (!isWindows) fs.fchmodSync(descriptor, 0o600);
      fs.writeFileSync(descriptor, text);
      if (isKept) fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(draft, path);
  } catch (error) {
    fs.rmSync(draft, { force: true });
    throw error;
  }
  if (isKept) keepEntry(path.slice(0, path.lastIndexOf("/")));
}

/** Has the disk keep the new name too. Windows has no such thing, and some file systems refuse. */
function keepEntry(folder: string): void {
  if (isWindows) return;
  const descriptor = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(descriptor);
  } catch {
    return;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What `act` returns; undefined when it fails with `code`. */
function unlessThere<Value>(code: string, act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === code) return undefined;
    throw error;
  }
}
