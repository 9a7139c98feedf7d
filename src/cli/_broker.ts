/** The broker that a command is to talk to, and the token that it is shown. @module */

import { findBroker, type FoundBroker } from "../folder/find.ts";
import { tokenIdOf } from "../tokens/text.ts";
import { DEFAULT_URL, givenUrl, PORT, URL_OPTION } from "./_address.ts";
import { FailedError, UsageError } from "./_exit.ts";
import type { Flags } from "./_flags.ts";
import { STATE_DIR, stateDir } from "./_folder.ts";
import { type Option, textOption } from "./_option.ts";
import type { Io } from "./io.ts";

const TOKEN_FILE: Option<string | undefined> = textOption({
  name: "token-file",
  hint: "FILE",
  description: "file with the token to show; without it PERCH_TOKEN, else that of the state folder, to its own broker only",
  fallback: undefined,
});

/** The options of all commands that talk to a broker. */
export const BROKER_OPTIONS: readonly Option<unknown>[] = [URL_OPTION, STATE_DIR, TOKEN_FILE];

/** A broker, and how to be let in. */
export interface Target {
  readonly url: string;
  /** Undefined for none. */
  readonly token: string | undefined;
}

/**
 * The broker that the flags or variables name, else the one that runs on the state folder, else the default address. A token that
 * was named is for that broker, whoever it is. That of the state folder goes only to the very address at which its broker listens
 * now: at any other, another user may be listening.
 *
 * @throws {UsageError} If a flag or variable makes no sense.
 * @throws {FailedError} If `--state-dir` was given and no broker runs there, or a token can't be read.
 */
export async function brokerFor(flags: Flags, io: Io): Promise<Target> {
  const named = givenUrl(flags);
  const ownToken = await givenToken(flags, io);
  const found = named !== undefined && ownToken !== undefined ? undefined : findBroker(stateDir(flags, io), await io.machine());
  if (named === undefined && found === undefined) checkMissing(flags, io);
  const url = named ?? found?.url ?? DEFAULT_URL;
  return { url, token: ownToken ?? tokenFor(url, found) };
}

const tokenFor = (url: string, found: FoundBroker | undefined): string | undefined =>
  found !== undefined && new URL(url).origin === new URL(found.url).origin ? found.token : undefined;

function checkMissing(flags: Flags, io: Io): void {
  if (flags.has(STATE_DIR)) {
    const folder = stateDir(flags, io);
    throw new FailedError(`No broker runs on the state folder ${folder}: start one with "perch --state-dir ${folder}"`);
  }
  if (flags.find(PORT) === 0) {
    throw new UsageError("The port is 0, so the broker has chosen one: name the address that it printed with --url");
  }
}

async function givenToken(flags: Flags, io: Io): Promise<string | undefined> {
  const path = flags.get(TOKEN_FILE);
  if (path === undefined) return checked(io.env("PERCH_TOKEN") || undefined, "PERCH_TOKEN holds");
  let text: string | undefined;
  try {
    text = (await io.machine()).files.read(path);
  } catch (error) {
    throw new FailedError(`Cannot read ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  if (text === undefined) throw new FailedError(`There is no file ${path}: name the one that holds the token`);
  return checked(text.trim(), `The file ${path} holds`);
}

/** The text itself is never shown: it may be a secret all the same. */
function checked(token: string | undefined, where: string): string | undefined {
  if (token === undefined || tokenIdOf(token) !== undefined) return token;
  throw new UsageError(`${where} no token: it must look like perch_…_…, as "perch token" prints it`);
}
