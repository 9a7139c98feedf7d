/** `perch token rotate`: a new secret in the place of an old one. @module */

import { replaceRoot, rotateToken } from "../tokens/changes.ts";
import type { Command } from "./_command.ts";
import { EXIT } from "./_exit.ts";
import { STATE_DIR } from "./_folder.ts";
import { changed, openTokens } from "./_tokens.ts";

/** `perch token rotate` */
export const tokenRotateCommand: Command = {
  name: "token rotate",
  description: "make a new token in the place of an old one, which is void at once, and print it; its id is new too",
  words: [{ name: "ID", description: "the old token's id; without it, the root token", isOptional: true }],
  options: [STATE_DIR],
  examples: ["perch token rotate", "perch token rotate Ab3dE6gH9j"],
  async run(flags, io) {
    const [id] = flags.words;
    const { file, machine: { digests } } = await openTokens(flags, io);
    const { text } = changed(() =>
      file.change((records, now) =>
        id === undefined ? replaceRoot(records, now, digests) : rotateToken(records, id, now, digests)
      )
    );
    io.stdout(`${text}\n`);
    return EXIT.ok;
  },
};
