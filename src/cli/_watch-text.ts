/** What `perch watch` shows, as text. @module */

import type { Connection } from "../client/connection.ts";
import type { Cause, Status } from "../client/status.ts";
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
  /** Steady clock: when the broker was last found to be another one than before; undefined when it never was. */
  readonly restartedAt: number | undefined;
  /** Where the broker should be. */
  readonly url: string;
}

/** For so long the screen says that the broker was restarted, in milliseconds: an hour, so that nobody who was away misses it. */
const RESTART_SHOWN_MS = 3_600_000;

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
    ...noticesOf(standing, steadyNow).map((notice) => emphasised(fit(notice, width).trimEnd(), style.isColored)),
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

/** What must be known to believe the rest of the screen. */
function noticesOf(standing: Standing, now: number): string[] {
  const { status, restartedAt } = standing;
  const wasRestarted = restartedAt !== undefined && now - restartedAt < RESTART_SHOWN_MS;
  return [
    ...(status.phase === "live" ? [] : [standingText(standing, now)]),
    ...(wasRestarted ? [`RESTARTED ${age(now - restartedAt)} ago: ${RESTARTED}`] : []),
  ];
}

/** What it means that the broker was restarted. */
export const RESTARTED = "the broker knows nothing of what was shown before";

/** One line: what can be believed, why not more, and when that may change. */
export function standingText(standing: Standing, now: number): string {
  const { status: { phase, cause, retryInMs }, since, trueAt } = standing;
  if (phase === "live") return "LIVE";
  const told = trueAt === undefined ? "CONNECTING" : `STALE for ${age(now - trueAt)}`;
  const why = cause === undefined ? "" : `: ${shortReason(cause, standing.url)}`;
  const next = retryInMs === undefined ? "trying now" : `next try in ${age(Math.max(0, retryInMs - (now - since)) + 999)}`;
  return `${told} (${next})${why}`;
}

/** Why the stream is not live, in so few words that a line has room for them; the details of a runtime help nobody here. */
function shortReason({ code, detail }: Cause, url: string): string {
  switch (code) {
    case "unreachable":
      return oneLine(`no broker answers at ${url}`);
    case "lost":
      return "the connection broke";
    case "silent":
      return "nothing came any more";
    case "invalid_message":
      return "the broker sent what makes no sense";
    case "shutdown":
      return "the broker was stopped";
    case "overload":
      return "the broker has too many readers";
    default:
      return oneLine(detail);
  }
}

/** What a message says, one line each, for a reader that is no terminal. Starts with the time of day. */
export function messageLines(message: WireMessage, wallNow: number): string[] {
  return partsOf(message).map((parts) => timedLine(parts, wallNow));
}

/** What is said of a session that is gone, and why, where no message does. */
export function goneLine(id: string, reason: string, wallNow: number): string {
  return timedLine(goneParts(id, reason), wallNow);
}

const goneParts = (id: string, reason: string): readonly string[] => [oneLine(id), "gone", oneLine(reason)];

function timedLine(parts: readonly string[], wallNow: number): string {
  const time = new Date(wallNow).toTimeString().slice(0, 8);
  return [time, ...parts].filter((part) => part !== "").join("  ");
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
      return [goneParts(message.data.id, message.data.reason)];
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
