/** `perch token list`: which tokens there are. Never shows a secret. @module */

import { stateOfRecord } from "../tokens/judge.ts";
import type { TokenRecord } from "../tokens/list.ts";
import { JSON_OPTION } from "./_client-options.ts";
import type { Command } from "./_command.ts";
import { EXIT } from "./_exit.ts";
import { STATE_DIR } from "./_folder.ts";
import { type Column, tableLines } from "./_table.ts";
import { oneLine } from "./_text.ts";
import { openTokens } from "./_tokens.ts";

/** `perch token list` */
export const tokenListCommand: Command = {
  name: "token list",
  description: "show all tokens, also those that are not valid any more, without their secrets",
  words: [],
  options: [JSON_OPTION, STATE_DIR],
  examples: ["perch token list"],
  async run(flags, io) {
    const isJson = flags.get(JSON_OPTION);
    const { file } = await openTokens(flags, io);
    const now = io.clock.wall();
    const records = file.read();
    const lines = isJson
      ? records.map(({ sha256: _sha256, ...shown }) => JSON.stringify({ ...shown, state: stateOfRecord(shown, now) }))
      : tableLines(columns(now), records, io.terminal?.size().columns);
    if (lines.length > 0) io.stdout(`${lines.join("\n")}\n`);
    return EXIT.ok;
  },
};

const columns = (now: number): readonly Column<TokenRecord>[] => [
  { title: "ID", least: 10, cell: ({ id }) => id },
  { title: "STATE", least: 7, cell: (record) => stateOfRecord(record, now) },
  { title: "SCOPES", least: 8, cell: ({ scopes }) => scopes.join(",") },
  { title: "MADE", least: 16, cell: ({ createdAt }) => minuteOf(createdAt) },
  { title: "ENDS", least: 16, cell: ({ expiresAt }) => expiresAt === undefined ? "never" : minuteOf(expiresAt) },
  { title: "REVOKED", least: 16, cell: ({ revokedAt }) => revokedAt === undefined ? "" : minuteOf(revokedAt) },
  { title: "NOTE", least: 8, cell: ({ note = "", isRoot }) => oneLine(isRoot === true ? "root" : note) },
];

/** In UTC, as 2026-11-21 16:05; what is no time of a calendar as its number. */
function minuteOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString().slice(0, 16).replace("T", " ");
}
