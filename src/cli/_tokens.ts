/** What the commands for tokens share. @module */

import { type Scope, SCOPES } from "../core/scopes.ts";
import { secureFolder } from "../folder/secure.ts";
import { TokenFile } from "../folder/token-file.ts";
import type { Machine } from "../ports/machine.ts";
import { TokenChangeError } from "../tokens/changes.ts";
import { MOST_NOTE_CHARS } from "../tokens/list.ts";
import { FailedError, UsageError } from "./_exit.ts";
import type { Flags } from "./_flags.ts";
import { stateDir } from "./_folder.ts";
import { hintFor } from "./_nearest.ts";
import { type Option, textOption } from "./_option.ts";
import type { Io } from "./io.ts";

/** What a token may do. */
export const SCOPE: Option<readonly Scope[]> = {
  name: "scope",
  hint: "SCOPE",
  description: `what the token may do, one or more of ${SCOPES.join(", ")}; also as a list with commas; needed`,
  env: [],
  fallback: undefined,
  repeats: true,
  opposite: undefined,
  read: (texts) => {
    const named = texts.flatMap((text) => text.split(",")).map(scopeOf);
    return SCOPES.filter((scope) => named.includes(scope));
  },
};

function scopeOf(text: string): Scope {
  const word = text.trim();
  const scope = SCOPES.find((known) => known === word);
  if (scope === undefined) throw new UsageError(`it must be of ${SCOPES.join(", ")}${hintFor(word, SCOPES)}`);
  return scope;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_DAYS = 3_650;

/** How long a token is valid, in milliseconds; undefined for ever. */
export const TTL: Option<number | undefined> = {
  ...textOption({ name: "ttl", hint: "TIME", description: "how long it is valid: 90s, 15m, 12h, 30d", fallback: undefined }),
  fallback: "for ever",
  read([text]) {
    if (text === undefined) return undefined;
    const [, count = "", unit = ""] = /^([1-9][0-9]{0,8})([smhd])$/.exec(text) ?? [];
    const ms = Number(count) * (UNIT_MS[unit] ?? 0);
    if (ms > 0 && ms <= LONGEST_DAYS * 86_400_000) return ms;
    throw new UsageError(`it must be a number and one of s, m, h, d, up to ${LONGEST_DAYS}d, e.g. 30d`);
  },
};

/** What a token is for. */
export const NOTE: Option<string | undefined> = textOption({
  name: "note",
  hint: "TEXT",
  description: "what it is for, shown by perch token list",
  fallback: undefined,
  check(text) {
    if (text.length <= MOST_NOTE_CHARS && text.isWellFormed()) return text;
    throw new UsageError(`it must be ${MOST_NOTE_CHARS} characters at most, of well-formed Unicode`);
  },
});

/** The tokens of the state folder that the flags name, which is made or closed to others as needed. */
export async function openTokens(flags: Flags, io: Io): Promise<{ readonly file: TokenFile; readonly machine: Machine }> {
  const machine = await io.machine();
  return { file: new TokenFile(secureFolder(stateDir(flags, io), machine.files), machine), machine };
}

/** What `change` returns; what can't be changed is exit code 1. */
export function changed<Value>(change: () => Value): Value {
  try {
    return change();
  } catch (error) {
    throw error instanceof TokenChangeError ? new FailedError(error.message, { cause: error }) : error;
  }
}
