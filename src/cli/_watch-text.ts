/** What `perch watch` shows, as text. @module */

import type { Connection } from "../client/connection.ts";
import type { Status } from "../client/status.ts";
import type { WireMessage } from "../protocol/types.ts";
import { age, colored, doing, sessionLines, sortSessions, type Style, summary } from "./_sessions.ts";
import { fit, oneLine } from "./_text.ts";

/** Whether what is shown is true now. */
export interface Standing {
  readonly status: Status;
  /** Steady clock: when that status began. */
  readonly since: number;
  /** Steady clock: when what is shown was true for the last time; undefined when it never was. */
  readonly trueAt: number | undefined;
}

/** How a screen is drawn. */
export interface ScreenStyle extends Style {
  readonly width: number;
  /** Lines of the terminal. */
  readonly height: number;
  /** Steady clock. */
  readonly steadyNow: number;
}

/** The lines of the whole screen, none wider and no more than it. */
export function screenLines(
  connection: Pick<Connection, "state" | "sessions" | "pet">,
  standing: Standing,
  style: ScreenStyle,
): string[] {
  const { width, height, steadyNow } = style;
  const isLive = standing.status.phase === "live";
  const isColored = style.isColored && isLive;
  const lines = [
    headLine(connection, width, isColored),
    ...(isLive ? [] : [emphasised(fit(standingText(standing, steadyNow), width).trimEnd(), style.isColored)]),
    "",
  ];
  const sessions = sortSessions(connection.sessions());
  const table = sessions.length === 0 ? [] : sessionLines(sessions, { ...style, isColored });
  const room = Math.max(0, height - lines.length);
  if (table.length <= room) return [...lines, ...table].slice(0, height);
  const shown = table.slice(0, Math.max(0, room - 1));
  const hidden = sessions.length - Math.max(0, shown.length - 1);
  return [...lines, ...shown, fit(`… and ${hidden} more`, width).trimEnd()].slice(0, height);
}

/** The aggregate, its state in color. What is no longer sure has none. */
function headLine(connection: Pick<Connection, "state" | "pet">, width: number, isColored: boolean): string {
  const state = connection.state();
  if (state === undefined) return "perch";
  const text = fit(summary(state, connection.pet()).join("  "), width).trimEnd();
  return colored(state.state, text.slice(0, state.state.length), isColored) + text.slice(state.state.length);
}

/** One line: what can be believed, why not more, and when that may change. */
export function standingText({ status, since, trueAt }: Standing, now: number): string {
  const { phase, cause, retryInMs } = status;
  if (phase === "live") return "LIVE";
  const told = trueAt === undefined ? "CONNECTING" : `STALE for ${age(now - trueAt)}`;
  const why = cause === undefined ? "" : `: ${oneLine(cause.detail)}`;
  const next = retryInMs === undefined ? "trying now" : `next try in ${age(Math.max(0, retryInMs - (now - since)) + 999)}`;
  return `${told} (${next})${why}`;
}

/** What a message says, one line each, for a reader that is no terminal. Starts with the time of day. */
export function messageLines(message: WireMessage, wallNow: number): string[] {
  const time = new Date(wallNow).toTimeString().slice(0, 8);
  return partsOf(message).map((parts) => [time, ...parts].filter((part) => part !== "").join("  "));
}

function partsOf(message: WireMessage): (readonly string[])[] {
  switch (message.type) {
    case "snapshot": {
      const { state, pet, sessions = [] } = message.data;
      const head = state === undefined ? [] : [["all", ...summary(state, pet?.slug)]];
      return [...head, ...sortSessions(sessions).map(sessionParts)];
    }
    case "state":
      return [["all", ...summary(message.data, undefined)]];
    case "session":
      return [sessionParts(message.data)];
    case "session.gone":
      return [[oneLine(message.data.id), "gone", oneLine(message.data.reason)]];
    case "pet":
      return [["pet", oneLine(message.data.slug ?? "none")]];
    default:
      return [];
  }
}

function sessionParts(session: Extract<WireMessage, { type: "session" }>["data"]): string[] {
  const { id, agent = "", state, title = "" } = session;
  return [oneLine(id), oneLine(state), oneLine(agent), oneLine(title), doing(session)];
}

const emphasised = (text: string, isColored: boolean): string => isColored ? `\x1b[7m${text}\x1b[0m` : text;
