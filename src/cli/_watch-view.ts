/** The three faces of `perch watch`: a live table, plain lines, and JSON. @module */

import type { Connection } from "../client/connection.ts";
import type { Status } from "../client/status.ts";
import type { WireMessage } from "../protocol/types.ts";
import { colorFor } from "./_color.ts";
import { messageLines, screenLines, type Standing, standingText } from "./_watch-text.ts";
import type { Io, Terminal } from "./io.ts";

/** What is told of a connection. */
export interface WatchView {
  change(message: WireMessage): void;
  status(status: Status): void;
  /** Gives back what was taken. */
  end(): void;
}

/** One JSON value per line: the messages of the protocol that change what is known, and `status`, in the order in which they came. */
export function jsonView(io: Io): WatchView {
  const print = (value: unknown) => io.stdout(`${JSON.stringify(value)}\n`);
  return {
    change: print,
    status: (data) => print({ type: "status", data }),
    end() {},
  };
}

/** One line per change. */
export function plainView(io: Io): WatchView {
  const track = new StandingTrack(io);
  return {
    change(message) {
      for (const line of messageLines(message, io.clock.wall())) io.stdout(`${line}\n`);
    },
    status(status) {
      const before = track.now.status.phase;
      const standing = track.update(status);
      const isNews = status.phase === "live" ? before === "stale" : status.retryInMs !== undefined;
      if (isNews) io.stderr(`perch: ${standingText(standing, io.clock.now())}\n`);
    },
    end() {},
  };
}

/** Often enough for eyes, and rare enough for a terminal; in milliseconds. */
const DRAW_EVERY_MS = 50;
/** Ages and waits are shown in seconds. */
const TICK_MS = 1_000;

/** The other screen, no cursor, and lines that are cut and not wrapped should the terminal find a character wider than expected. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_REST_OF_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** A table over the whole terminal, drawn anew in place. */
export function tableView(io: Io, terminal: Terminal, connection: Connection): WatchView {
  const { clock } = io;
  const track = new StandingTrack(io);
  const isColored = colorFor(io);
  let cancel: (() => void) | undefined;
  let isSoon = false;

  const draw = () => {
    const { columns, rows } = terminal.size();
    const now = clock.now();
    const style = { now: clock.wall(), steadyNow: now, isColored, width: columns, height: rows };
    const lines = screenLines(connection, track.now, style);
    io.stdout(HOME + lines.map((line) => line + CLEAR_REST_OF_LINE).join("\r\n") + CLEAR_BELOW);
    isSoon = false;
    cancel = clock.after(TICK_MS, draw);
  };
  const drawSoon = () => {
    if (isSoon) return;
    isSoon = true;
    cancel?.();
    cancel = clock.after(DRAW_EVERY_MS, draw);
  };
  const giveBack = terminal.takeOver(ENTER, LEAVE);
  const stopResize = terminal.onResize(drawSoon);
  draw();
  return {
    change: drawSoon,
    status(status) {
      track.update(status);
      drawSoon();
    },
    end() {
      cancel?.();
      stopResize();
      giveBack();
    },
  };
}

/** Since when a status holds. */
class StandingTrack {
  readonly #io: Io;
  #standing: Standing;

  constructor(io: Io) {
    this.#io = io;
    this.#standing = { status: { phase: "connecting" }, since: io.clock.now(), trueAt: undefined };
  }

  get now(): Standing {
    return this.#standing;
  }

  update(status: Status): Standing {
    const now = this.#io.clock.now();
    const wasLive = this.#standing.status.phase === "live";
    const trueAt = wasLive || status.phase === "live" ? now : this.#standing.trueAt;
    return this.#standing = { status, since: now, trueAt };
  }
}
