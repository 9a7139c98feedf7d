/** Makes sure that a state folder is its user's alone. @module */

import type { FileFacts, Files } from "../ports/files.ts";
import { FolderError, reasonOf } from "./error.ts";
import { type FolderPaths, isOwnName, pathsIn } from "./paths.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const FOR_OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Opens the state folder at `path`: makes it where there is none, and takes from other users whatever they may do with it and with
 * the files of Perch in it.
 *
 * @throws {FolderError} `foreign`, `shared` or `unusable`.
 */
export function secureFolder(path: string, files: Files): FolderPaths {
  const paths = pathsIn(path);
  try {
    if (files.look(path) === undefined) files.makeFolder(path);
    const { mode = FOLDER_MODE } = checkFolder(path, files);
    const names = files.list(path);
    if ((mode & FOR_OTHERS) !== 0 && names.length > 0 && !names.includes("lock")) throw shared(path);
    // Also where it has that mode already: on a disk that can't be written it fails, which SQLite would take for a lock.
    files.restrict(path, FOLDER_MODE);
    for (const name of names.filter(isOwnName)) secureFile(`${path}/${name}`, files);
    files.create(paths.lock);
    files.create(paths.tokensLock);
  } catch (error) {
    if (error instanceof FolderError) throw error;
    throw new FolderError("unusable", `Cannot use ${path} as the state folder: ${reasonOf(error)}. ${OTHER}`, { cause: error });
  }
  return paths;
}

/** The paths of a folder whose files can be believed: it is the user's, and nobody else can write to it. Changes nothing. */
export function trustedFolder(path: string, files: Files): FolderPaths | undefined {
  try {
    const { mode } = checkFolder(path, files);
    return ((mode ?? 0) & WRITABLE_BY_OTHERS) === 0 ? pathsIn(path) : undefined;
  } catch {
    return undefined;
  }
}

const OTHER = "Name another with --state-dir or PERCH_STATE_DIR";

function checkFolder(path: string, files: Files): FileFacts {
  const facts = files.look(path, "follow");
  if (facts?.kind !== "folder") {
    throw new FolderError("unusable", `${path} is no folder, so no state can be kept there. ${OTHER}`);
  }
  // A link that somebody else made, though to a folder of this user, would have that folder changed.
  if (isForeign(files.look(path), files) || isForeign(facts, files)) {
    throw new FolderError("foreign", `The state folder ${path} belongs to another user, who could read the tokens. ${OTHER}`);
  }
  return facts;
}

function secureFile(path: string, files: Files): void {
  const facts = files.look(path);
  if (facts === undefined) return;
  if (facts.kind !== "file") throw new FolderError("unusable", `${path} is no file: remove it, so that Perch can make one`);
  if (isForeign(facts, files)) {
    throw new FolderError("foreign", `${path} belongs to another user: remove it, and look who made it`);
  }
  if (facts.mode !== undefined && facts.mode !== FILE_MODE) files.restrict(path, FILE_MODE);
}

const isForeign = (facts: FileFacts | undefined, { user }: Files): boolean =>
  facts?.owner !== undefined && user !== undefined && facts.owner !== user;

function shared(path: string): FolderError {
  const problem = `The state folder ${path} is open to other users and holds other things than Perch's`;
  return new FolderError(
    "shared",
    `${problem}: name a folder of its own with --state-dir or PERCH_STATE_DIR, or close it (chmod 700)`,
  );
}
