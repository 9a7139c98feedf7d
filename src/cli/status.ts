/** `perch status`: what is true now, once. @module */

import { brokerUrl, URL_OPTION } from "./_address.ts";
import { askBroker, JSON_OPTION, notPerch } from "./_client-options.ts";
import { colorFor } from "./_color.ts";
import type { Command } from "./_command.ts";
import { EXIT } from "./_exit.ts";
import { sessionLines, sortSessions, summary } from "./_sessions.ts";
import { isSnapshot } from "./_snapshot.ts";

/** In milliseconds. */
const ANSWER_MS = 5_000;

/** `perch status` */
export const statusCommand: Command = {
  name: "status",
  description: "show the aggregate and all sessions, once",
  words: [],
  options: [URL_OPTION, JSON_OPTION],
  examples: ["perch status", "perch status --json --url http://127.0.0.1:8000"],
  async run(flags, io) {
    const base = brokerUrl(flags);
    const isJson = flags.get(JSON_OPTION);
    const { status, json } = await askBroker(io, base, "/v1/state", ANSWER_MS);
    if (status !== 200 || !isSnapshot(json)) throw notPerch(base, `GET /v1/state with ${status}`);
    if (isJson) {
      io.stdout(`${JSON.stringify(json)}\n`);
      return EXIT.ok;
    }
    const style = { now: io.clock.wall(), isColored: colorFor(io), width: io.terminal?.size().columns };
    const lines = [summary(json.state, json.pet.slug).join("  ")];
    if (json.sessions.length > 0) lines.push("", ...sessionLines(sortSessions(json.sessions), style));
    io.stdout(`${lines.join("\n")}\n`);
    return EXIT.ok;
  },
};
