/** What an event does to a session: one pure function over a table of rules, one rule for each kind of event. @module */

import type { EventKind, StampedEvent } from "./events.ts";
import { answeredBy, closeTool, evidenceUntil, openTool, withWait } from "./evidence.ts";
import { expire } from "./expire.ts";
import {
  because,
  type Draft,
  newSession,
  type Overlay,
  rest,
  type Rule,
  type Session,
  settle,
  type Step,
  stopWork,
} from "./session.ts";
import type { Timings } from "./states.ts";

/**
 * Applies one event to one session. Deadlines of the session that are due at `now` are applied first, so an event never acts
 * on a state that time has already ended. An event after the end of a session begins it anew, unless it only tells of it.
 *
 * @param session The session before the event; undefined when it is not known.
 * @param now Steady clock, in milliseconds, never less than in the call before.
 */
export function transition(session: Session | undefined, event: StampedEvent, now: number, timings: Timings): Step {
  const current = session !== undefined && session.deadline <= now
    ? expire(session, now, event.receivedAt, timings).session
    : session;
  const draft = draftFor(current, event, now + timings.forgetMs);
  absorb(draft, event);
  const apply = draft.ended && LATE.has(event.kind) ? noteLate : RULES[event.kind];
  const reason = because(event, apply(draft, event, now, timings));
  const isNew = draft.because.seq === event.seq;
  if (isNew) draft.because = reason;
  return settle(draft, reason);
}

type Apply = (draft: Draft, event: StampedEvent, now: number, timings: Timings) => Rule;

const RULES: Readonly<Record<EventKind, Apply>> = {
  "session.start": (draft, _event, now, timings) => {
    stopAll(draft, "none");
    cover(draft, "starting", now + timings.startingMs);
    return "session.started";
  },
  "session.end": endSession,
  "prompt.submit": (draft, event, now, timings) => {
    stopAll(draft, event.plain === true ? "none" : "open");
    cover(draft, "prompted", now + timings.promptedMs);
    return work(draft, timings, "prompt.submitted");
  },
  "tool.start": (draft, event, now, timings) => {
    openTool(draft, event, now + timings.toolMs);
    draft.tool = event.tool;
    uncover(draft);
    return work(draft, timings, "tool.started");
  },
  "tool.end": endTool,
  "permission.request": (draft, event, now, timings) => {
    draft.waits = withWait(draft.waits, event, now + timings.waitingMs);
    if (event.plain === true) return refresh(draft, timings, "permission.requested");
    uncover(draft);
    return work(draft, timings, "permission.requested");
  },
  "permission.resolve": (draft, event, _now, timings) => {
    const waits = answeredBy(draft.waits, event, draft.tools);
    // An answer that is told late, when the turn is over, is no new work; nor does v0 know it as work.
    const isWork = event.plain !== true && (draft.turn !== "closed" || waits.length < draft.waits.length);
    draft.waits = waits;
    return isWork ? work(draft, timings, "permission.resolved") : refresh(draft, timings, "permission.resolved");
  },
  "turn.complete": (draft, event, now, timings) => {
    cover(draft, "done", now + timings.doneMs);
    if (event.plain !== true) stopWork(draft, "closed");
    draft.waits = answeredBy(draft.waits, event, draft.tools);
    return refresh(draft, timings, "turn.completed");
  },
  "turn.fail": (draft, _event, now, timings) => {
    stopAll(draft, "closed");
    uncover(draft);
    draft.failedUntil = now + timings.failedMs;
    return "turn.failed";
  },
  "subagent.start": startWork,
  "subagent.stop": endWork,
  "compact.start": startWork,
  "compact.end": endWork,
  "session.update": (draft, _event, _now, timings) => refresh(draft, timings, "session.updated"),
  "session.interrupt": (draft) => {
    stopAll(draft, "closed");
    if (!draft.ended) uncover(draft);
    return "turn.interrupted";
  },
};

/** What may still be told of a session that has ended; any other event begins it anew. */
const CHANGES_NO_END: ReadonlySet<EventKind> = new Set<EventKind>(["session.end", "session.update", "session.interrupt"]);

/** What tells only of the end of something. Hooks run side by side, so it may come after the end of the session; v0 is not so. */
const LATE: ReadonlySet<EventKind> = new Set<EventKind>([
  "tool.end",
  "permission.resolve",
  "turn.complete",
  "turn.fail",
  "subagent.stop",
  "compact.end",
]);

const beginsAnew = ({ kind, plain }: StampedEvent): boolean => !CHANGES_NO_END.has(kind) && (plain === true || !LATE.has(kind));

/** The session that the rule may change: a new one, the same one, or the same one begun anew after its end. */
function draftFor(session: Session | undefined, event: StampedEvent, forgetAt: number): Draft {
  if (session === undefined) return newSession(event, forgetAt);
  if (session.ended && beginsAnew(event)) {
    const anew = newSession(event, forgetAt);
    anew.firstSeq = session.firstSeq;
    anew.failedUntil = session.failedUntil;
    anew.state = session.state;
    anew.since = session.since;
    return anew;
  }
  const draft: Draft = { ...session };
  draft.forgetAt = forgetAt;
  return draft;
}

function absorb(draft: Draft, event: StampedEvent): void {
  draft.lastEventAt = event.receivedAt;
  draft.lastSeq = event.seq;
  draft.lastKind = event.kind;
  draft.plain = event.plain === true;
  if (event.agent !== undefined) draft.agent = event.agent;
  if (event.title !== undefined) draft.title = event.title;
  if (event.cwd !== undefined) draft.cwd = event.cwd;
  if (event.activity !== undefined) draft.activity = event.activity;
  if (event.pid !== undefined) draft.pid = event.pid;
}

/** Of a session that has ended only a failure is still news: it shows for its whole time, and the end after it. */
function noteLate(draft: Draft, event: StampedEvent, now: number, timings: Timings): Rule {
  const isFailure = event.kind === "turn.fail" || (event.kind === "tool.end" && hasFailed(event));
  if (!isFailure) return "session.updated";
  draft.failedUntil = now + timings.failedMs;
  if (draft.overlay === "ending") draft.overlayUntil = Math.max(draft.overlayUntil, draft.failedUntil);
  return event.kind === "turn.fail" ? "turn.failed" : "tool.failed";
}

const hasFailed = ({ ok, exitCode }: StampedEvent): boolean => ok === undefined ? (exitCode ?? 0) !== 0 : !ok;

function endTool(draft: Draft, event: StampedEvent, now: number, timings: Timings): Rule {
  const wasOpen = closeTool(draft, event);
  draft.waits = answeredBy(draft.waits, event, draft.tools);
  draft.tool = draft.tools.at(-1)?.tool;
  const failed = hasFailed(event);
  if (failed) draft.failedUntil = now + timings.failedMs;
  const rule = failed ? "tool.failed" : "tool.ended";
  // A hook that runs late tells of a tool whose turn is over: that is no new work.
  if (draft.turn === "closed" && !wasOpen) return refresh(draft, timings, rule);
  uncover(draft);
  return work(draft, timings, rule);
}

function startWork(draft: Draft, _event: StampedEvent, _now: number, timings: Timings): Rule {
  if (draft.works === 0) draft.baseBefore = draft.base;
  draft.works += 1;
  uncover(draft);
  return work(draft, timings, "work.started");
}

/** Where nothing else is known to go on, the end of the last subagent or compaction is the end of work, and no silence. */
function endWork(draft: Draft, _event: StampedEvent, _now: number, timings: Timings): Rule {
  draft.works = Math.max(0, draft.works - 1);
  const isLast = draft.works === 0 && draft.turn !== "open" && draft.tools.length === 0 && draft.base === "working";
  const base = draft.turn === "closed" ? "idle" : draft.baseBefore;
  if (isLast && base !== "working") rest(draft, base);
  return refresh(draft, timings, "work.ended");
}

/** Ends the turn, and what may go on after one too. */
function stopAll(draft: Draft, turn: Session["turn"]): void {
  stopWork(draft, turn);
  draft.works = 0;
}

/** A `done` that shows is shown once more in full, then `ending`; the session is forgotten after that. */
function endSession(draft: Draft, _event: StampedEvent, now: number, timings: Timings): Rule {
  if (draft.ended) return "session.ended";
  draft.ended = true;
  stopAll(draft, "closed");
  if (draft.overlay === "done") cover(draft, "done", now + timings.doneMs);
  else cover(draft, "ending", Math.max(now + timings.endingMs, draft.failedUntil));
  return "session.ended";
}

function cover(draft: Draft, overlay: Overlay, until: number): void {
  draft.overlay = overlay;
  draft.overlayUntil = until;
}

/** New work takes away what told of the turn before; `starting` and `ending` run their time. */
function uncover(draft: Draft): void {
  if (draft.overlay !== "done" && draft.overlay !== "prompted") return;
  draft.overlay = undefined;
  draft.overlayUntil = 0;
}

function work(draft: Draft, timings: Timings, rule: Rule): Rule {
  draft.base = "working";
  return refresh(draft, timings, rule);
}

/** A sign of life: work that goes on has its evidence renewed; nothing else changes. */
function refresh(draft: Draft, timings: Timings, rule: Rule): Rule {
  if (draft.base === "working") draft.baseUntil = evidenceUntil(draft, timings);
  return rule;
}
