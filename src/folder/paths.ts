/** What is in a state folder. @module */

/** The paths of the files in a state folder; each may be missing. */
export interface FolderPaths {
  /** The folder itself, absolute. */
  readonly folder: string;
  /** The text of the root token. */
  readonly token: string;
  /** The list of tokens. */
  readonly tokens: string;
  /** Held by whoever changes the list of tokens. */
  readonly tokensLock: string;
  /** The log, and beside it what SQLite needs. */
  readonly database: string;
  /** Where the broker is that runs on this folder. */
  readonly broker: string;
  /** Held by the broker for as long as it lives. */
  readonly lock: string;
  /** Asks the broker to leave. */
  readonly leave: string;
}

/** The paths in the folder `folder`. */
export function pathsIn(folder: string): FolderPaths {
  const at = (name: string): string => `${folder}/${name}`;
  return {
    folder,
    token: at("token"),
    tokens: at("tokens.json"),
    tokensLock: at("tokens.lock"),
    database: at("perch.db"),
    broker: at("broker.json"),
    lock: at("lock"),
    leave: at("leave.json"),
  };
}

const NAME = /^(?:token|tokens\.json|tokens\.lock|broker\.json|lock|leave\.json|perch\.db.*)$/;

/** True for the name of a file that Perch keeps in its folder. */
export function isOwnName(name: string): boolean {
  return NAME.test(name);
}
