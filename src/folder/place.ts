/** Where the state folder is. @module */

import { FolderError, reasonOf } from "./error.ts";

/** What decides where programs keep their data. */
export interface Surroundings {
  readonly os: "windows" | "darwin" | "unix";
  /** An environment variable. */
  env(name: string): string | undefined;
  /** The home of the user; fails where that may not be asked. */
  home(): string;
  /** The current folder; fails as well. */
  cwd(): string;
}

/**
 * The state folder that is named by `given`, as an absolute path, or where none is named, the one place for the data of `perch`:
 * `$XDG_DATA_HOME/perch` or `~/.local/share/perch`, on macOS `~/Library/Application Support/perch`, on Windows
 * `%LOCALAPPDATA%\perch\Data`. That is what the package env-paths says, which a broker on Deno would start twice as long with.
 *
 * @throws {FolderError} `unusable` when nobody can tell.
 */
export function folderPath(given: string | undefined, surroundings: Surroundings): string {
  try {
    return given === undefined ? defaultPath(surroundings) : isAbsolute(given) ? given : `${surroundings.cwd()}/${given}`;
  } catch (error) {
    const problem = `Cannot tell where the state folder is: ${reasonOf(error)}`;
    throw new FolderError("unusable", `${problem}. Name it in full with --state-dir or PERCH_STATE_DIR`, { cause: error });
  }
}

function defaultPath({ os, env, home }: Surroundings): string {
  if (os === "darwin") return `${home()}/Library/Application Support/perch`;
  if (os === "windows") return `${env("LOCALAPPDATA") || `${home()}\\AppData\\Local`}\\perch\\Data`;
  const data = env("XDG_DATA_HOME") ?? "";
  // The XDG specification has relative paths ignored.
  return `${isAbsolute(data) ? data : `${home()}/.local/share`}/perch`;
}

const isAbsolute = (path: string): boolean => /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);
