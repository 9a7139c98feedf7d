/** `perch token link`: a link that logs a browser in. @module */

import { BROKER_OPTIONS, brokerFor } from "./_broker.ts";
import { askBroker, notPerch, refused, textAt } from "./_client-options.ts";
import type { Command } from "./_command.ts";
import { EXIT } from "./_exit.ts";

/** How long the broker has to answer, in milliseconds. */
const ANSWER_MS = 5_000;

/** `perch token link` */
export const tokenLinkCommand: Command = {
  name: "token link",
  description: "print a link that logs a browser in: it works once, within a minute, and then for 12 hours",
  words: [],
  options: [...BROKER_OPTIONS],
  examples: ['xdg-open "$(perch token link)"'],
  async run(flags, io) {
    const target = await brokerFor(flags, io);
    const { status, json } = await askBroker(io, target, "/v1/login-links", ANSWER_MS, { method: "POST" });
    if (status !== 200) throw refused("The broker gives no link", status, json);
    const url = textAt(json, "url");
    if (url === undefined) throw notPerch(target.url, `${status} without a link`);
    io.stdout(`${url}\n`);
    return EXIT.ok;
  },
};
