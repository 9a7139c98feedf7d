/** `perch status`: what is true now, once. @module */

import { BROKER_OPTIONS, brokerFor } from "./_broker.ts";
import { askBroker, JSON_OPTION, notPerch, refused } from "./_client-options.ts";
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
  options: [...BROKER_OPTIONS, JSON_OPTION],
  examples: ["perch status", "perch status --json --url http://127.0.0.1:8000"],
  async run(flags, io) {
    const isJson = flags.get(JSON_OPTION);
    const broker = await brokerFor(flags, io);
    const { status, json } = await askBroker(io, broker, "/v1/state", ANSWER_MS);
    if (status === 401 || status === 403) throw refused("The broker refused to tell", status, json);
    if (status !== 200 || !isSnapshot(json)) throw notPerch(broker.url, `GET /v1/state with ${status}`);
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
