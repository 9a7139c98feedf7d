/** The messages of one commit as one text, and back. @module */

import * as v from "valibot";
import { EVENT_KINDS, EVENT_SOURCES, type StampedEvent } from "../core/events.ts";
import type { Session } from "../core/session.ts";
import type { Commit } from "../ports/store.ts";
import { Message } from "../protocol/message.ts";
import type { SessionGoneData, StateData } from "../protocol/types.ts";
import { BrokenLogError } from "./_sums.ts";
import { reviveSession, stateBecauseSchema, stateSchema, type StoredSession, storedSessionSchema } from "./_stored-session.ts";

const maybeText = v.optional(v.string());
const maybeNumber = v.optional(v.number());

const eventSchema: v.GenericSchema<StampedEvent> = v.object({
  kind: v.picklist(EVENT_KINDS),
  sessionId: v.string(),
  agent: maybeText,
  id: maybeText,
  occurredAt: maybeNumber,
  source: v.optional(v.picklist(EVENT_SOURCES)),
  toolUseId: maybeText,
  tool: maybeText,
  ok: v.optional(v.boolean()),
  exitCode: maybeNumber,
  pid: maybeNumber,
  cwd: maybeText,
  title: maybeText,
  activity: maybeText,
  reason: maybeText,
  seq: v.number(),
  receivedAt: v.number(),
  plain: v.optional(v.boolean()),
});

const count = v.number();

/** The aggregate as it is told. */
export const stateDataSchema: v.GenericSchema<StateData> = v.object({
  state: stateSchema,
  pose: v.picklist(["failed", "review", "jump", "extra1", "extra2", "wave", "run", "idle"]),
  since: v.number(),
  counts: v.object({
    failed: count,
    waiting: count,
    prompted: count,
    starting: count,
    ending: count,
    done: count,
    working: count,
    unknown: count,
    idle: count,
  }),
  because: v.optional(stateBecauseSchema),
});

/**
 * One thing that a commit has changed. `t` is the type of its message, or `quiet` for a session that has changed without one; `d` its
 * data; `x` its `detailsOnly`.
 */
export type Entry =
  | { readonly t: "event"; readonly d: StampedEvent }
  | { readonly t: "state"; readonly d: StateData }
  | { readonly t: "session"; readonly d: StoredSession; readonly x?: boolean | undefined }
  | { readonly t: "session.gone"; readonly d: SessionGoneData }
  | { readonly t: "pet"; readonly d: { readonly slug: string } }
  | { readonly t: "quiet"; readonly d: StoredSession };

const entriesSchema: v.GenericSchema<Entry[]> = v.array(v.variant("t", [
  v.object({ t: v.literal("event"), d: eventSchema }),
  v.object({ t: v.literal("state"), d: stateDataSchema }),
  v.object({ t: v.literal("session"), d: storedSessionSchema, x: v.optional(v.boolean()) }),
  v.object({
    t: v.literal("session.gone"),
    d: v.object({ id: v.string(), reason: v.picklist(["ended", "silent", "evicted"]) }),
  }),
  v.object({ t: v.literal("pet"), d: v.object({ slug: v.string() }) }),
  v.object({ t: v.literal("quiet"), d: storedSessionSchema }),
]));

/** All that a commit has changed but its receipts, as one text. What a message was told with is not made once more. */
export function encodeEntries({ messages, sessions }: Pick<Commit, "messages" | "sessions">): string {
  const told = new Set<Session>();
  const entries = messages.map((message) => {
    const { body } = message;
    if (body.type !== "session") return `{"t":"${body.type}","d":${message.json("full")}}`;
    told.add(body.session);
    return `{"t":"session","d":${JSON.stringify(body.session)}${message.detailsOnly ? ',"x":true' : ""}}`;
  });
  for (const session of sessions) if (!told.has(session)) entries.push(`{"t":"quiet","d":${JSON.stringify(session)}}`);
  return `[${entries.join()}]`;
}

/** Reads what {@linkcode encodeEntries} wrote. @throws {BrokenLogError} If it is something else. */
export function decodeEntries(text: string): readonly Entry[] {
  const entries: unknown = JSON.parse(text);
  // The values stay as they were written, with their fields in order, so that they read the same for ever.
  if (!v.is(entriesSchema, entries)) throw new BrokenLogError("The log holds something that this Perch can't read");
  return entries;
}

/** The messages among the entries of a commit, the first of which has the place `first`. */
export function messagesOf(entries: readonly Entry[], first: number): Message[] {
  const messages: Message[] = [];
  for (const entry of entries) {
    const message = messageOf(entry, first + messages.length);
    if (message !== undefined) messages.push(message);
  }
  return messages;
}

function messageOf(entry: Entry, seq: number): Message | undefined {
  switch (entry.t) {
    case "event":
      return new Message(seq, { type: "event", data: entry.d }, entry.d.sessionId);
    case "session":
      return new Message(seq, { type: "session", session: reviveSession(entry.d) }, entry.d.id, entry.x === true);
    case "session.gone":
      return new Message(seq, { type: "session.gone", data: entry.d }, entry.d.id);
    case "state":
      return new Message(seq, { type: "state", data: entry.d });
    case "pet":
      return new Message(seq, { type: "pet", data: entry.d });
    case "quiet":
      return undefined;
  }
}
