/** `perch token revoke`: makes a token void. @module */

import { revokeToken } from "../tokens/changes.ts";
import type { Command } from "./_command.ts";
import { EXIT } from "./_exit.ts";
import { STATE_DIR } from "./_folder.ts";
import { changed, openTokens } from "./_tokens.ts";

/** `perch token revoke` */
export const tokenRevokeCommand: Command = {
  name: "token revoke",
  description: "make a token void; a broker that runs ends the streams of its readers within 5 s",
  words: [{ name: "ID", description: "the token's id, as perch token list shows it" }],
  options: [STATE_DIR],
  examples: ["perch token revoke Ab3dE6gH9j"],
  async run(flags, io) {
    const [id = ""] = flags.words;
    const { file } = await openTokens(flags, io);
    changed(() => file.change((records, now) => ({ records: revokeToken(records, id, now) })));
    io.stdout(`revoked ${id}\n`);
    return EXIT.ok;
  },
};
