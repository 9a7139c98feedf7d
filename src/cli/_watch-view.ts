/** The three faces of `perch watch`: a live table, plain lines, and JSON. @module */

import type { ResetReason } from "../client/client.ts";
import type { Connection } from "../client/connection.ts";
import type { Status } from "../client/status.ts";
import type { WireMessage } from "../protocol/types.ts";
import { colorFor } from "./_color.ts";
import { goneLine, messageLines, RESTARTED, screenLines, type Standing, standingText } from "./_watch-text.ts";
import type { Io, Terminal } from "./io.ts";

/** What is told of a connection. */
export interface WatchView {
  change(message: WireMessage): void;
  status(status: Status): void;
  /** What was known is void; what is known from here on follows as a `snapshot`. */
  reset(reason: ResetReason): void;
  /** Gives back what was taken. */
  end(): void;
}

/**
 * One JSON value per line: the messages of the protocol that change what is known, `reset` where something was known, and
 * `status`, in the order in which they came.
 */
export function jsonView(io: Io): WatchView {
  const print = (value: unknown) => io.stdout(`${JSON.stringify(value)}\n`);
  return {
    change: print,
    status: (data) => print({ type: "status", data }),
    reset(reason) {
      if (reason !== "none") print({ type: "reset", data: { reason } });
    },
    end() {},
  };
}

/** One line per change. */
export function plainView(io: Io, url: string): WatchView {
  const track = new StandingTrack(io, url);
  const told = new ToldSessions();
  let reason = "";
  return {
    change(message) {
      const now = io.clock.wall();
      const gone = told.update(message).map((id) => goneLine(id, reason, now));
      for (const line of [...gone, ...messageLines(message, now)]) io.stdout(`${line}\n`);
    },
    status(status) {
      const before = track.now.status.phase;
      const standing = track.update(status);
      const isNews = status.phase === "live" ? before === "stale" : status.retryInMs !== undefined;
      if (isNews) io.stderr(`perch: ${standingText(standing, io.clock.now())}\n`);
    },
    reset(why) {
      reason = why === "epoch" ? "broker restarted" : "while nobody told";
      if (why === "epoch") io.stderr(`perch: RESTARTED: ${RESTARTED}\n`);
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
export function tableView(io: Io, terminal: Terminal, connection: Connection, url: string): WatchView {
  const { clock } = io;
  const track = new StandingTrack(io, url);
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
    reset(reason) {
      if (reason === "epoch") track.noteRestart();
    },
    end() {
      cancel?.();
      stopResize();
      giveBack();
    },
  };
}

/** Which sessions somebody has been told of and not told that they are gone. */
class ToldSessions {
  #ids = new Set<string>();

  /** Takes note of `message`; returns those that a snapshot leaves out. */
  update({ type, data }: WireMessage): string[] {
    if (type === "session") this.#ids.add(data.id);
    if (type === "session.gone") this.#ids.delete(data.id);
    if (type !== "snapshot") return [];
    const before = this.#ids;
    this.#ids = new Set(data.sessions?.map(({ id }) => id));
    return [...before].filter((id) => !this.#ids.has(id));
  }
}

/** Since when a status holds. */
class StandingTrack {
  readonly #io: Io;
  #standing: Standing;

  constructor(io: Io, url: string) {
    this.#io = io;
    const since = io.clock.now();
    this.#standing = { status: { phase: "connecting" }, since, trueAt: undefined, restartedAt: undefined, url };
  }

  get now(): Standing {
    return this.#standing;
  }

  update(status: Status): Standing {
    const now = this.#io.clock.now();
    const wasLive = this.#standing.status.phase === "live";
    const trueAt = wasLive || status.phase === "live" ? now : this.#standing.trueAt;
    return this.#standing = { ...this.#standing, status, since: now, trueAt };
  }

  noteRestart(): void {
    this.#standing = { ...this.#standing, restartedAt: this.#io.clock.now() };
  }
}
