/** Finds the broker that runs on a state folder. Changes nothing there. @module */

import type { Machine } from "../ports/machine.ts";
import { tokenIdOf } from "../tokens/text.ts";
import { type BrokerInfo, parseBrokerInfo } from "./discovery.ts";
import { trustedFolder } from "./secure.ts";

/** A broker that was found, and what opens its doors. */
export interface FoundBroker extends BrokerInfo {
  /** The text of the folder's root token; undefined when it can't be read. */
  readonly token: string | undefined;
}

/**
 * The broker that runs on the state folder `path`; undefined when none does, none listens yet, or the folder is not the user's
 * alone. It holds the lock, so its address is true: what a broker that was killed has left behind is not believed, since by now
 * somebody else may listen there and would be sent the token.
 */
export function findBroker(path: string, { files, locks }: Machine): FoundBroker | undefined {
  const paths = trustedFolder(path, files);
  if (paths === undefined) return undefined;
  try {
    const info = parseBrokerInfo(files.read(paths.broker));
    if (info === undefined || !locks.isHeld(paths.lock)) return undefined;
    const text = files.read(paths.token)?.trim() ?? "";
    return { ...info, token: tokenIdOf(text) === undefined ? undefined : text };
  } catch {
    return undefined;
  }
}

/** True while a broker has the state folder, be it that it does not listen yet. */
export function isFolderTaken(path: string, { files, locks }: Machine): boolean {
  const paths = trustedFolder(path, files);
  return paths !== undefined && files.look(paths.lock) !== undefined && locks.isHeld(paths.lock);
}
