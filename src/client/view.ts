/** What a reader of the stream knows: a pure reducer over its messages. @module */

import type { SessionData, StateData, WireMessage } from "../protocol/types.ts";

/** `conflated: n` says that the broker left out `n` older messages that this one replaces. */
export interface Conflated {
  /** From 1 on; absent when nothing was left out. */
  readonly conflated?: number;
}

/** Everything that is known; parts that the reader's topics leave out are undefined or empty. */
export interface View {
  readonly state: StateData | undefined;
  /** The pet that floaters show; null before one was chosen. */
  readonly pet: string | null | undefined;
  /** By id, in the order in which they were first seen. */
  readonly sessions: ReadonlyMap<string, SessionData>;
}

/** True for messages that change what is known. */
export function changesView({ type }: WireMessage): boolean {
  return ["snapshot", "state", "session", "session.gone", "pet"].includes(type);
}

/**
 * What is known after `messages`. They are taken together because the sessions are copied once for each call.
 *
 * @param view What was known before; undefined when nothing was. Then nothing is known until a `snapshot` has come, since
 * changes alone don't tell what they change.
 */
export function reduceView(view: View | undefined, messages: readonly WireMessage[]): View | undefined {
  let next = view === undefined ? undefined : { ...view, sessions: new Map(view.sessions) };
  for (const message of messages) {
    if (message.type === "snapshot") {
      const { state, pet, sessions = [] } = message.data;
      next = { state, pet: pet?.slug, sessions: new Map(sessions.map((session) => [session.id, session])) };
    } else if (next === undefined) {
      continue;
    } else if (message.type === "state") {
      const { conflated: _conflated, ...state }: StateData & Conflated = message.data;
      next.state = state;
    } else if (message.type === "session") {
      const { conflated: _conflated, ...session }: SessionData & Conflated = message.data;
      next.sessions.set(session.id, session);
    } else if (message.type === "session.gone") {
      next.sessions.delete(message.data.id);
    } else if (message.type === "pet") {
      next.pet = message.data.slug;
    }
  }
  return next;
}
