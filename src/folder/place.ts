/** Where the state folder is. @module */

/** What decides where programs keep their data. */
export interface Surroundings {
  readonly os: "windows" | "darwin" | "unix";
  /** An environment variable. */
  env(name: string): string | undefined;
  /** The home of the user. */
  home(): string;
  /** The current folder. */
  cwd(): string;
}

/**
 * The state folder that is named by `given`, as an absolute path, or where none is named, the one place for the data of `perch`:
 * `$XDG_DATA_HOME/perch` or `~/.local/share/perch`, on macOS `~/Library/Application Support/perch`, on Windows
 * `%LOCALAPPDATA%\perch\Data`. That is what the package env-paths says, which a broker on Deno would start twice as long with.
 */
export function folderPath(given: string | undefined, surroundings: Surroundings): string {
  const { os, env, home, cwd } = surroundings;
  if (given !== undefined) return isAbsolute(given) ? given : `${cwd()}/${given}`;
  if (os === "darwin") return `${home()}/Library/Application Support/perch`;
  if (os === "windows") return `${env("LOCALAPPDATA") || `${home()}\\AppData\\Local`}\\perch\\Data`;
  const data = env("XDG_DATA_HOME") ?? "";
  // The XDG specification has relative paths ignored.
  return `${isAbsolute(data) ? data : `${home()}/.local/share`}/perch`;
}

const isAbsolute = (path: string): boolean => /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path);
