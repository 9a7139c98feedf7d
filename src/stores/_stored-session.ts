/** Sessions as the SQLite store keeps them: all that the rules know of them, as JSON. @module */

import * as v from "valibot";
import { EVENT_KINDS, EVENT_SOURCES } from "../core/events.ts";
import { type Because, type OpenTool, RULES, type Session, type Wait } from "../core/session.ts";
import { DEFAULT_ORDER, type State } from "../core/states.ts";

/** One of the states. */
export const stateSchema: v.GenericSchema<State> = v.picklist(DEFAULT_ORDER);

const becauseEntries = {
  seq: v.number(),
  kind: v.picklist(EVENT_KINDS),
  source: v.picklist([...EVENT_SOURCES, "clock"]),
  at: v.number(),
  rule: v.picklist(RULES),
};

const becauseSchema: v.GenericSchema<Because> = v.object(becauseEntries);

/** The reason of the aggregate. */
export const stateBecauseSchema: v.GenericSchema<Because & { readonly sessionId: string }> = v.object({
  ...becauseEntries,
  sessionId: v.string(),
});

/** JSON leaves out what is undefined. */
type Unset = "agent" | "title" | "cwd" | "activity" | "tool" | "pid" | "overlay";

/** A session as `JSON.parse` gives it back. */
export interface StoredSession extends Omit<Session, Unset | "tools" | "waits">, Partial<Pick<Session, Unset>> {
  readonly tools: readonly (Omit<OpenTool, "tool"> & Partial<OpenTool>)[];
  readonly waits: readonly (Omit<Wait, "id" | "tool"> & Partial<Wait>)[];
}

const maybeText = v.optional(v.string());

/** What `JSON.stringify` made of a session. */
export const storedSessionSchema: v.GenericSchema<StoredSession> = v.object({
  id: v.string(),
  agent: maybeText,
  title: maybeText,
  cwd: maybeText,
  activity: maybeText,
  tool: maybeText,
  pid: v.optional(v.number()),
  startedAt: v.number(),
  firstSeq: v.number(),
  lastEventAt: v.number(),
  lastSeq: v.number(),
  lastKind: v.picklist(EVENT_KINDS),
  plain: v.boolean(),
  base: v.picklist(["working", "unknown", "idle"]),
  baseUntil: v.number(),
  overlay: v.optional(v.picklist(["prompted", "starting", "ending", "done"])),
  overlayUntil: v.number(),
  failedUntil: v.number(),
  turn: v.picklist(["none", "open", "closed"]),
  works: v.number(),
  baseBefore: v.picklist(["working", "unknown", "idle"]),
  tools: v.array(v.object({ id: v.string(), tool: maybeText, seq: v.number(), until: v.number() })),
  waits: v.array(v.object({ id: maybeText, tool: maybeText, seq: v.number(), until: v.number() })),
  ended: v.boolean(),
  forgetAt: v.number(),
  state: stateSchema,
  since: v.number(),
  because: becauseSchema,
  deadline: v.number(),
});

const UNSET: Readonly<Record<Unset, undefined>> = {
  agent: undefined,
  title: undefined,
  cwd: undefined,
  activity: undefined,
  tool: undefined,
  pid: undefined,
  overlay: undefined,
};

/** The session that was stored. */
export function reviveSession(stored: StoredSession): Session {
  return {
    ...UNSET,
    ...stored,
    tools: stored.tools.map((open) => ({ tool: undefined, ...open })),
    waits: stored.waits.map((wait) => ({ id: undefined, tool: undefined, ...wait })),
  };
}
