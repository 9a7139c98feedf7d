/** Cursors: `<epoch>.<seq>`, a place in one log. @module */

import { randomWord } from "../random.ts";
import type { ResetReason } from "./codes.ts";

/** Cursors that name a place without a number: the oldest message that is kept, and the newest. */
export type NamedCursor = "earliest" | "now";

/** Where the log stands. */
export interface LogBounds {
  /** 8 to 10 characters of `A-Za-z0-9`, new with every new log. */
  readonly epoch: string;
  /** `seq` of the newest message; 0 before the first. */
  readonly head: number;
  /** `seq` of the oldest message that is kept; `head + 1` when none is. */
  readonly oldest: number;
}

/** How a stream starts: with what was missed after `since`, or with a snapshot and the reason for it. */
export type ResumePlan =
  | { readonly mode: "delta"; readonly since: number }
  | { readonly mode: "snapshot"; readonly reason: ResetReason };

/** 10 characters of epoch, a dot and 16 digits of seq: longer is no cursor. `Last-Event-ID` is CORS-safe up to 128 bytes. */
const CURSOR = /^([A-Za-z0-9]{8,10})\.(0|[1-9][0-9]{0,15})$/;

/** Writes a cursor. */
export function formatCursor(epoch: string, seq: number): string {
  return `${epoch}.${seq}`;
}

/** Reads a cursor; undefined when `text` is none. */
export function parseCursor(text: string): { readonly epoch: string; readonly seq: number } | undefined {
  const match = CURSOR.exec(text);
  if (match === null) return undefined;
  const seq = Number(match[2]);
  return Number.isSafeInteger(seq) ? { epoch: match[1] ?? "", seq } : undefined;
}

/**
 * Decides how a stream starts for a client that has seen everything up to `cursor`. Numbers are compared, nothing is
 * searched, so an unknown cursor costs nothing. `earliest` asks for all that is kept, `now` for nothing but what comes.
 */
export function planResume(cursor: string | undefined, log: LogBounds): ResumePlan {
  if (cursor === undefined || cursor === "") return { mode: "snapshot", reason: "none" };
  if (cursor === "earliest") return { mode: "delta", since: log.oldest - 1 };
  if (cursor === "now") return { mode: "delta", since: log.head };
  const place = parseCursor(cursor);
  if (place === undefined) return { mode: "snapshot", reason: "malformed" };
  if (place.epoch !== log.epoch) return { mode: "snapshot", reason: "epoch" };
  if (place.seq > log.head) return { mode: "snapshot", reason: "future" };
  if (place.seq < log.oldest - 1) return { mode: "snapshot", reason: "gap" };
  return { mode: "delta", since: place.seq };
}

/** A random epoch of 10 characters (59 bits). */
export function newEpoch(): string {
  return randomWord(10);
}
