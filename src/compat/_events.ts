/** v0 events: their door, and how their kinds and the canonical ones stand for each other. @module */

import * as v from "valibot";
import type { AgentEvent, EventKind } from "../core/events.ts";
import type { View } from "../protocol/message.ts";
import type { EventData } from "../protocol/types.ts";

/** The kinds of the v0 surface. */
export const FLOATER_KINDS = [
  "PreToolUse",
  "PostToolUse",
  "MessageComplete",
  "UserPromptSubmit",
  "SessionStart",
  "SessionEnd",
  "PermissionRequested",
  "PermissionResolved",
] as const;

/** A kind of the v0 surface. */
export type FloaterKind = typeof FLOATER_KINDS[number];

const CANONICAL: Readonly<Record<FloaterKind, EventKind>> = {
  PreToolUse: "tool.start",
  PostToolUse: "tool.end",
  MessageComplete: "turn.complete",
  UserPromptSubmit: "prompt.submit",
  SessionStart: "session.start",
  SessionEnd: "session.end",
  PermissionRequested: "permission.request",
  PermissionResolved: "permission.resolve",
};

/** An event as `GET /status` lists it. */
export interface FloaterEvent {
  readonly kind: FloaterKind;
  readonly sessionId: string;
  readonly tool?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly ts: number;
}

/** How v0 readers are told of a canonical kind. Where v0 has no word for it, the one whose pose it shows. */
export const FLOATER_KIND: Readonly<Record<EventKind, FloaterKind>> = {
  "session.start": "SessionStart",
  "session.end": "SessionEnd",
  "prompt.submit": "UserPromptSubmit",
  "tool.start": "PreToolUse",
  "tool.end": "PostToolUse",
  "permission.request": "PermissionRequested",
  "permission.resolve": "PermissionResolved",
  "turn.complete": "MessageComplete",
  "turn.fail": "MessageComplete",
  "subagent.start": "PreToolUse",
  "subagent.stop": "PostToolUse",
  "compact.start": "PreToolUse",
  "compact.end": "PostToolUse",
  "session.update": "PostToolUse",
  "session.interrupt": "MessageComplete",
};

/** Longest session id, in characters: 0.7.4 knows no limit. */
const MAX_ID = 1024;

const eventSchema = v.object({
  kind: v.picklist(FLOATER_KINDS),
  sessionId: v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_ID)),
  tool: v.optional(v.fallback(v.optional(v.string()), undefined)),
  exitCode: v.optional(v.fallback(v.optional(v.number()), undefined)),
  ts: v.optional(v.fallback(v.optional(v.number()), undefined)),
});

/** The body of an error of the v0 surface. */
export interface FloaterError {
  readonly error: string;
  /** `invalid_kind`: the kind that was sent. */
  readonly got?: unknown;
}

/** Parses a v0 event, or says what is wrong with it in the words of 0.7.4. Fields of a wrong type that may be absent are ignored. */
export function parseFloaterEvent(input: unknown): { readonly event: AgentEvent } | { readonly error: FloaterError } {
  if (typeof input !== "object" || input === null) return { error: { error: "expected_object" } };
  const result = v.safeParse(eventSchema, input, { abortEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    if (issue.path?.[0]?.key === "kind") return { error: { error: "invalid_kind", got: issue.input } };
    return { error: { error: "invalid_sessionId" } };
  }
  const { kind, sessionId, tool, exitCode, ts } = result.output;
  return { event: { kind: CANONICAL[kind], sessionId, tool, exitCode, occurredAt: ts, source: "hook" } };
}

/** A canonical event as `GET /status` lists it. */
export function floaterEvent({ kind, sessionId, tool, exitCode, occurredAt, receivedAt }: EventData, view: View): FloaterEvent {
  const shownTool = view === "full" ? tool : undefined;
  return { kind: FLOATER_KIND[kind], sessionId, tool: shownTool, exitCode, ts: occurredAt ?? receivedAt };
}
