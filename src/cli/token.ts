/** `perch token`: the token of the state folder, which opens everything. @module */

import type { Command } from "./_command.ts";
import { EXIT } from "./_exit.ts";
import { STATE_DIR } from "./_folder.ts";
import { openTokens } from "./_tokens.ts";

/** `perch token` */
export const tokenCommand: Command = {
  name: "token",
  description: "print the root token of the state folder, which may do everything",
  words: [],
  options: [STATE_DIR],
  examples: ["perch token | sed 's/^/authorization: Bearer /' | curl -H @- http://127.0.0.1:7857/v1/state"],
  async run(flags, io) {
    const { file } = await openTokens(flags, io);
    io.stdout(`${file.ensureRoot(true)}\n`);
    return EXIT.ok;
  },
};
