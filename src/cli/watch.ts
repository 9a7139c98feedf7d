/** `perch watch`: what is true now, for as long as it is looked at. @module */

import { connect } from "../client/client.ts";
import { BROKER_OPTIONS, brokerFor, type Target } from "./_broker.ts";
import { JSON_OPTION } from "./_client-options.ts";
import type { Command } from "./_command.ts";
import { EXIT, FailedError } from "./_exit.ts";
import { jsonView, plainView, tableView, type WatchView } from "./_watch-view.ts";
import type { Io } from "./io.ts";

/** `perch watch` */
export const watchCommand: Command = {
  name: "watch",
  description: "show all sessions live, until Ctrl-C; says STALE while the broker can't be reached",
  words: [],
  options: [...BROKER_OPTIONS, JSON_OPTION],
  examples: ["perch watch", "perch watch --json | jq --unbuffered -c 'select(.type == \"state\") | .data.state'"],
  async run(flags, io) {
    const isJson = flags.get(JSON_OPTION);
    await follow(await brokerFor(flags, io), isJson, io);
    return EXIT.ok;
  },
};

/** Resolves when the user has seen enough; rejects when the broker wants nothing to do with this reader. */
function follow({ url, token }: Target, isJson: boolean, io: Io): Promise<void> {
  const stop = io.stopSignal();
  return new Promise((resolve, reject) => {
    const connection = connect({
      url,
      token,
      fetch: (...request) => io.fetch(...request),
      clock: { after: (ms, task) => io.clock.after(ms, task), random: () => io.random() },
      onListenerError: (error) => end(() => reject(error)),
    });
    const { terminal } = io;
    const view: WatchView = isJson
      ? jsonView(io)
      : terminal === undefined
      ? plainView(io, url)
      : tableView(io, terminal, connection, url);
    let isOver = false;
    const end = (settle: () => void) => {
      if (isOver) return;
      isOver = true;
      connection.close();
      view.end();
      settle();
    };
    connection.on("reset", ({ reason }) => view.reset(reason));
    connection.on("change", (message) => view.change(message));
    connection.on("status", (status) => {
      if (isOver) return;
      if (status.phase !== "closed") return view.status(status);
      end(() =>
        reject(new FailedError(`The broker at ${url} can't be watched: ${status.cause?.detail ?? "it ended the stream"}`))
      );
    });
    const stopped = () => end(resolve);
    if (stop.aborted) stopped();
    else stop.addEventListener("abort", stopped, { once: true });
  });
}
