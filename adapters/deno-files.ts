/** Files on Deno, by its own means: `node:fs` alone would double the time that a broker takes to start. @module */

import type { FileFacts, Files } from "../src/ports/files.ts";

const isWindows = Deno.build.os === "windows";

/** Files of the user that this process runs as. */
export function denoFiles(): Files {
  return {
    get user() {
      return Deno.uid() ?? undefined;
    },
    look(path, follow) {
      const info = unless(Deno.errors.NotFound, () => follow === undefined ? Deno.lstatSync(path) : Deno.statSync(path));
      return info === undefined ? undefined : factsOf(info);
    },
    list: (path) => Array.from(Deno.readDirSync(path), ({ name }) => name),
    makeFolder: (path) => Deno.mkdirSync(path, { recursive: true, mode: 0o700 }),
    restrict(path, mode) {
      if (!isWindows) Deno.chmodSync(path, mode);
    },
    create(path) {
      const file = unless(Deno.errors.AlreadyExists, () => Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }));
      if (file === undefined) return;
      file.close();
      this.restrict(path, 0o600);
    },
    read: (path) => unless(Deno.errors.NotFound, () => Deno.readTextFileSync(path)),
    write: (path, text, keep) => write(path, text, keep === "keep"),
    remove: (path) => unless(Deno.errors.NotFound, () => Deno.removeSync(path)),
  };
}

function factsOf(info: Deno.FileInfo): FileFacts {
  const { uid, mode, size, ino, mtime, ctime } = info;
  const kind = info.isFile ? "file" : info.isDirectory ? "folder" : info.isSymlink ? "link" : "other";
  return {
    kind,
    owner: uid ?? undefined,
    mode: mode === null ? undefined : mode & 0o7777,
    bytes: size,
    edition: `${ino} ${size} ${mtime?.getTime()} ${ctime?.getTime()}`,
  };
}

function write(path: string, text: string, isKept: boolean): void {
  const draft = `${path}.${Deno.pid}.tmp`;
  const discard = () => unless(Deno.errors.NotFound, () => Deno.removeSync(draft));
  try {
    discard();
    using file = Deno.openSync(draft, { createNew: true, write: true, mode: 0o600 });
    if (!isWindows) Deno.chmodSync(draft, 0o600);
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
    if (isKept) file.syncSync();
    Deno.renameSync(draft, path);
  } catch (error) {
    discard();
    throw error;
  }
  if (isKept) keepEntry(path.slice(0, path.lastIndexOf("/")));
}

/** Has the disk keep the new name too. Windows has no such thing, and some file systems refuse. */
function keepEntry(folder: string): void {
  if (isWindows) return;
  using handle = Deno.openSync(folder, { read: true });
  try {
    handle.syncSync();
  } catch {
    return;
  }
}

/** What `act` returns; undefined when it fails in this way. */
function unless<Value>(failure: new (message?: string) => Error, act: () => Value): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof failure) return undefined;
    throw error;
  }
}
