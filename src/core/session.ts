/** What the broker knows of one session, and how that is shown. Values only; the rules are in transition.ts and expire.ts. @module */

import type { EventKind, EventSource, StampedEvent } from "./events.ts";
import type { State } from "./states.ts";

/** Every rule that puts sessions into states, in the order of PROTOCOL.md. */
export const RULES = [
  "session.started",
  "session.ended",
  "session.updated",
  "prompt.submitted",
  "tool.started",
  "tool.ended",
  "tool.failed",
  "permission.requested",
  "permission.resolved",
  "turn.completed",
  "turn.failed",
  "turn.interrupted",
  "work.started",
  "work.ended",
  "failed.over",
  "overlay.over",
  "silence",
  "tool.too_long",
  "turn.too_long",
  "waiting.too_long",
  "forgotten",
] as const;

/** The rule that put a session into its state; `because.rule` on the wire. */
export type Rule = typeof RULES[number];

/** Why a session is in its state: the last event that spoke of it, and the rule that decided. */
export interface Because {
  /** Place of that event in the log. */
  readonly seq: number;
  /** What that event told. */
  readonly kind: EventKind;
  /** The witness; `clock` when time alone decided. */
  readonly source: EventSource | "clock";
  /** Wall-clock time of the decision, in milliseconds since 1970. */
  readonly at: number;
  /** How it was decided. */
  readonly rule: Rule;
}

/** A tool call that has started and not ended. */
export interface OpenTool {
  /** The `toolUseId` of its start. */
  readonly id: string;
  /** The tool's name, where it was told. */
  readonly tool: string | undefined;
  /** Place of its start in the log. */
  readonly seq: number;
  /** Steady clock: up to when it counts as evidence of work. */
  readonly until: number;
}

/** A permission request that nobody has answered. */
export interface Wait {
  /** The tool call that waits; undefined when the agent does not say. */
  readonly id: string | undefined;
  /** The tool's name; undefined when the agent does not say, and any tool is the same then. */
  readonly tool: string | undefined;
  /** Place of the request in the log. */
  readonly seq: number;
  /** Steady clock: when it is given up. */
  readonly until: number;
}

/** States that cover the base for a while; `failed` has a slot of its own so that nothing cuts it short. */
export type Overlay = "prompted" | "starting" | "ending" | "done";

/**
 * One session. Times that end in `At` are wall-clock milliseconds, for people; `…Until`, `forgetAt` and `deadline` are on the
 * broker's steady clock, and 0 means unset.
 */
export interface Session {
  /** The `sessionId` of its events. */
  readonly id: string;
  /** As the newest event that names one says; so are `title`, `cwd`, `activity` and `pid`. */
  readonly agent: string | undefined;
  /** What it is about. */
  readonly title: string | undefined;
  /** Its folder. */
  readonly cwd: string | undefined;
  /** What goes on in it. */
  readonly activity: string | undefined;
  /** The tool that runs now, as far as known; {@linkcode shownTool} is what is told. */
  readonly tool: string | undefined;
  /** The agent's process. */
  readonly pid: number | undefined;
  /** When its first event came, or the first after its end. */
  readonly startedAt: number;
  /** Place of its first event in the log: what its place among the sessions goes by. */
  readonly firstSeq: number;
  /** When its last event came. */
  readonly lastEventAt: number;
  /** Place of its last event in the log. */
  readonly lastSeq: number;
  /** What its last event told. */
  readonly lastKind: EventKind;
  /** True when the last event was a v0 event: silence then ends in `idle`. */
  readonly plain: boolean;
  /** What shows when nothing covers it. */
  readonly base: "working" | "unknown" | "idle";
  /** When the evidence of `working` runs out. */
  readonly baseUntil: number;
  /** What covers the base; undefined when nothing does. */
  readonly overlay: Overlay | undefined;
  /** When `overlay` is over. */
  readonly overlayUntil: number;
  /** When `failed` is over, which covers everything. */
  readonly failedUntil: number;
  /** `none` until an event tells of a turn. */
  readonly turn: "none" | "open" | "closed";
  /** How many subagents and compactions have begun and not ended. */
  readonly works: number;
  /** The base before the first of these began. */
  readonly baseBefore: Session["base"];
  /** Oldest first. */
  readonly tools: readonly OpenTool[];
  /** Oldest first. */
  readonly waits: readonly Wait[];
  /** True from `session.end` on, until it is gone or begins anew. */
  readonly ended: boolean;
  /** When it is forgotten if no other event comes. */
  readonly forgetAt: number;
  /** What shows: see {@linkcode shownState}. */
  readonly state: State;
  /** Wall-clock time since when `state` shows. */
  readonly since: number;
  /** Why `state` shows. */
  readonly because: Because;
  /** The first of all times above; never unset. */
  readonly deadline: number;
}

/** A session that a rule is changing; only transition.ts and expire.ts hold one. */
export type Draft = { -readonly [Key in keyof Session]: Session[Key] };

/** What became of a session by an event or by time. */
export interface Step {
  /** The session after the step; undefined when it is forgotten. */
  readonly session: Session | undefined;
  /** When to call `expire` for it, on the steady clock; undefined when it is forgotten. */
  readonly deadline: number | undefined;
  /** The rule that fired last. */
  readonly rule: Rule;
}

const NONE: readonly never[] = [];

/** A session that begins with `event`. */
export function newSession(event: StampedEvent, forgetAt: number): Draft {
  return {
    id: event.sessionId,
    agent: undefined,
    title: undefined,
    cwd: undefined,
    activity: undefined,
    tool: undefined,
    pid: undefined,
    startedAt: event.receivedAt,
    firstSeq: event.seq,
    lastEventAt: event.receivedAt,
    lastSeq: event.seq,
    lastKind: event.kind,
    plain: event.plain === true,
    base: "idle",
    baseUntil: 0,
    overlay: undefined,
    overlayUntil: 0,
    failedUntil: 0,
    turn: "none",
    works: 0,
    baseBefore: "idle",
    tools: NONE,
    waits: NONE,
    ended: false,
    forgetAt,
    state: "idle",
    since: event.receivedAt,
    because: because(event, "session.updated"),
    deadline: forgetAt,
  };
}

/** The reason that `event` gives by way of `rule`. */
export function because(event: StampedEvent, rule: Rule): Because {
  return { seq: event.seq, kind: event.kind, source: event.source ?? "client", at: event.receivedAt, rule };
}

/** What shows: `failed` first, then an unanswered permission, then an overlay, then the base. */
export function shownState(session: Session): State {
  if (session.failedUntil > 0) return "failed";
  if (session.waits.length > 0) return "waiting";
  return session.overlay ?? session.base;
}

/** The tool that is told: the one that the person is asked about, if any, else the one that runs. Never a guess. */
export function shownTool({ state, waits, tools, tool }: Session): string | undefined {
  const wait = waits[0];
  if (state !== "waiting" || wait === undefined) return tool;
  if (wait.tool !== undefined) return wait.tool;
  if (wait.id !== undefined) return tools.find(({ id }) => id === wait.id)?.tool;
  return tools.length > 1 ? undefined : tool;
}

/** The earliest time at which something about `session` ends. */
export function nextDeadline(session: Session): number {
  let next = session.forgetAt;
  if (session.baseUntil > 0 && session.baseUntil < next) next = session.baseUntil;
  if (session.overlayUntil > 0 && session.overlayUntil < next) next = session.overlayUntil;
  if (session.failedUntil > 0 && session.failedUntil < next) next = session.failedUntil;
  const wait = session.waits[0];
  if (wait !== undefined && wait.until < next) next = wait.until;
  return next;
}

/** Ends all that goes on in a turn: open tools, unanswered requests, work. Subagents may go on after it. */
export function stopWork(draft: Draft, turn: Session["turn"]): void {
  rest(draft, "idle");
  draft.turn = turn;
  draft.tools = NONE;
  draft.waits = NONE;
}

/** Nothing works any more, as far as known. */
export function rest(draft: Draft, base: Session["base"]): void {
  draft.base = base;
  draft.baseUntil = 0;
  draft.tool = undefined;
}

/** Writes what shows, since when and why into `draft` and freezes the step. */
export function settle(draft: Draft, reason: Because): Step {
  const state = shownState(draft);
  if (state !== draft.state) {
    draft.state = state;
    draft.since = reason.at;
    draft.because = reason;
  }
  draft.deadline = nextDeadline(draft);
  return { session: draft, deadline: draft.deadline, rule: reason.rule };
}
