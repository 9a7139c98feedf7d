/** Sessions and the aggregate, as people read them in a terminal. @module */

import { DEFAULT_ORDER, type State } from "../core/states.ts";
import type { SessionData, StateData } from "../protocol/types.ts";
import { type Column, tableLines } from "./_table.ts";
import { oneLine } from "./_text.ts";

/** Escape sequences of the states; those that ask for nothing are dim. */
const COLORS: Readonly<Record<State, string>> = {
  failed: "31;1",
  waiting: "33;1",
  prompted: "36",
  starting: "36",
  ending: "2",
  done: "32",
  working: "34;1",
  unknown: "2",
  idle: "2",
};

/** How to draw. */
export interface Style {
  /** Wall clock, in milliseconds since 1970. */
  readonly now: number;
  readonly isColored: boolean;
  /** Columns of the terminal; undefined for as wide as needed. */
  readonly width: number | undefined;
}

/** The text in the color of a state. */
export function colored(state: State, text: string, isColored: boolean): string {
  return isColored ? `\x1b[${COLORS[state]}m${text}\x1b[0m` : text;
}

/** The aggregate: `working`, `3 sessions: 1 waiting, 2 working`, and the pet. */
export function summary({ state, counts }: StateData, pet: string | null | undefined): string[] {
  const present = DEFAULT_ORDER.filter((each) => counts[each] > 0);
  const total = present.reduce((sum, each) => sum + counts[each], 0);
  const sessions = total === 0 ? "no sessions" : `${total} session${total === 1 ? "" : "s"}`;
  const parts = present.map((each) => `${counts[each]} ${each}`).join(", ");
  return [state, total === 0 ? sessions : `${sessions}: ${parts}`, ...(pet ? [`pet ${oneLine(pet)}`] : [])];
}

/** The sessions by strength of state, then by age. */
export function sortSessions(sessions: Iterable<SessionData>): SessionData[] {
  const rank = new Map(DEFAULT_ORDER.map((state, place) => [state, place]));
  const rankOf = ({ state }: SessionData) => rank.get(state) ?? DEFAULT_ORDER.length;
  return [...sessions].sort((a, b) => rankOf(a) - rankOf(b) || (a.startedAt ?? 0) - (b.startedAt ?? 0));
}

/** The lines of the table of sessions, first its titles. */
export function sessionLines(sessions: readonly SessionData[], { now, isColored, width }: Style): string[] {
  const columns: readonly Column<SessionData>[] = [
    {
      title: "STATE",
      least: 8,
      cell: ({ state }) => oneLine(state),
      dress: ({ state }, text) => colored(state, text, isColored),
    },
    { title: "SINCE", least: 5, cell: ({ since }) => age(now - since) },
    { title: "AGENT", least: 8, cell: ({ agent = "" }) => oneLine(agent) },
    { title: "TITLE", least: 8, cell: ({ title = "" }) => oneLine(title) },
    { title: "DOING", least: 8, cell: doing },
    { title: "SESSION", least: 8, cell: ({ id }) => oneLine(id) },
  ];
  return tableLines(columns, sessions, width);
}

/** The tool and the activity, as far as known. */
export function doing({ tool = "", activity = "" }: SessionData): string {
  return oneLine([tool, activity].filter((part) => part !== "").join(": "));
}

/** A duration in its largest whole unit, e.g. `12m`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
