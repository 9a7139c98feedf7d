/** `perch token create`: a token that may do less, or not for ever. @module */

import { SCOPES } from "../core/scopes.ts";
import { addToken } from "../tokens/changes.ts";
import type { Command } from "./_command.ts";
import { EXIT, UsageError } from "./_exit.ts";
import { STATE_DIR } from "./_folder.ts";
import { changed, NOTE, openTokens, SCOPE, TTL } from "./_tokens.ts";

/** `perch token create` */
export const tokenCreateCommand: Command = {
  name: "token create",
  description: "make a token, and print it; it can't be shown again",
  words: [],
  options: [SCOPE, TTL, NOTE, STATE_DIR],
  examples: ["perch token create --scope read,sessions --ttl 30d --note 'the floater in the hall'"],
  async run(flags, io) {
    const scopes = flags.get(SCOPE);
    const ttl = flags.get(TTL);
    const note = flags.get(NOTE);
    if (scopes.length === 0) throw new UsageError(`--scope is missing: choose from ${SCOPES.join(", ")}`);
    const { file, machine } = await openTokens(flags, io);
    const { text } = changed(() =>
      file.change((records, now) => {
        const expiresAt = ttl === undefined ? undefined : now + ttl;
        return addToken(records, { scopes, expiresAt, note }, now, machine.digests);
      })
    );
    io.stdout(`${text}\n`);
    return EXIT.ok;
  },
};
