/** Messages of a log. @module */

import type { Commit } from "../../src/ports/store.ts";
import { Message } from "../../src/protocol/message.ts";

/** A message of the given place, with a title of `size` characters. */
export function messageAt(seq: number, size = 0): Message {
  const data = {
    kind: "session.update",
    sessionId: `s${seq % 3}`,
    seq,
    receivedAt: 1_000 + seq,
    title: "x".repeat(size),
  } as const;
  return new Message(seq, { type: "event", data }, data.sessionId);
}

/** The messages from `first` to `last`. */
export function messagesFrom(first: number, last: number): Message[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => messageAt(first + index));
}

/** The places of what a store gives back. */
export const seqsOf = (messages: readonly Message[]): number[] => messages.map(({ seq }) => seq);

/** A commit of these messages and nothing else, unless told. */
export function commitOf(messages: readonly Message[], more: Partial<Commit> = {}): Commit {
  return { messages, sessions: [], receipts: [], now: 1_000, at: 1_900_000_000_000, ...more };
}
