/** What time alone does to a session. @module */

import { evidenceUntil } from "./evidence.ts";
import { type Because, type Draft, rest, type Rule, type Session, settle, type Step } from "./session.ts";
import type { Timings } from "./states.ts";

/**
 * Applies everything about `session` that is due at `now`, in the order of the times at which it was due.
 *
 * @param now Steady clock, in milliseconds.
 * @param at Wall clock at `now`, in milliseconds since 1970; only shown. What was due earlier is shown as of then.
 */
export function expire(session: Session, now: number, at: number, timings: Timings): Step {
  const draft: Draft = { ...session };
  let step: Step = { session, deadline: session.deadline, rule: session.because.rule };
  while (draft.deadline <= now) {
    const due = draft.deadline;
    const rule = expireOne(draft, due, timings);
    if (rule === "forgotten" || rule === "session.ended") return { session: undefined, deadline: undefined, rule };
    step = settle(draft, clockReason(session, at - (now - due), rule));
  }
  return step;
}

function clockReason(session: Session, at: number, rule: Rule): Because {
  return { seq: session.lastSeq, kind: session.lastKind, source: "clock", at, rule };
}

/** Ends the one thing that is due. `session.ended` and `forgotten` mean that the session is no more. */
function expireOne(draft: Draft, due: number, timings: Timings): Rule {
  if (isDue(draft.failedUntil, due)) {
    draft.failedUntil = 0;
    return "failed.over";
  }
  if (isDue(draft.overlayUntil, due)) return overlayOver(draft, due, timings);
  const wait = draft.waits[0];
  if (wait !== undefined && wait.until <= due) {
    draft.waits = draft.waits.slice(1);
    if (draft.waits.length === 0 && draft.base !== "working") rest(draft, "unknown");
    return "waiting.too_long";
  }
  if (isDue(draft.baseUntil, due)) return baseOver(draft, due, timings);
  return "forgotten";
}

const isDue = (until: number, due: number): boolean => until > 0 && until <= due;

/** A session that ended while it showed `done` shows `ending` after it, and is gone after that. */
function overlayOver(draft: Draft, due: number, timings: Timings): Rule {
  if (draft.ended && draft.overlay === "ending") return "session.ended";
  if (draft.ended) {
    draft.overlay = "ending";
    draft.overlayUntil = Math.max(due + timings.endingMs, draft.failedUntil);
  } else {
    draft.overlay = undefined;
    draft.overlayUntil = 0;
  }
  return "overlay.over";
}

function baseOver(draft: Draft, due: number, timings: Timings): Rule {
  if (draft.tools.length > 0) {
    draft.tools = draft.tools.filter((open) => open.until > due);
    draft.tool = draft.tools.at(-1)?.tool;
    draft.baseUntil = evidenceUntil(draft, timings);
    if (draft.baseUntil <= due) rest(draft, "unknown");
    return "tool.too_long";
  }
  const turnWasOpen = draft.turn === "open";
  rest(draft, draft.plain ? "idle" : "unknown");
  return turnWasOpen ? "turn.too_long" : "silence";
}
