/** Sessions and aggregates as the wire shows them. @module */

import type { Aggregate } from "../core/aggregate.ts";
import { type Session, shownTool } from "../core/session.ts";
import { STATES } from "../core/states.ts";
import type { SessionData, StateBecause, StateData } from "./types.ts";

/** The session in full; readers without the scope `sessions` get `bareSession` of it. */
export function describeSession(session: Session): SessionData {
  return {
    id: session.id,
    agent: session.agent,
    state: session.state,
    pose: STATES[session.state].pose,
    since: session.since,
    startedAt: session.startedAt,
    title: session.title,
    activity: session.activity,
    tool: shownTool(session),
    cwd: session.cwd,
    pid: session.pid,
    because: session.because,
  };
}

/** The session without what needs the scope `sessions`. */
export function bareSession({ id, agent, state, pose, since }: SessionData): SessionData {
  return agent === undefined ? { id, state, pose, since } : { id, agent, state, pose, since };
}

/** The aggregate without what needs the scope `sessions`. */
export function bareState({ state, pose, since, counts }: StateData): StateData {
  return { state, pose, since, counts };
}

/** What changed between two descriptions of a session: nothing, only details, or what every reader may know. */
export function compareSessions(before: Session | undefined, after: Session): "same" | "details" | "state" {
  if (before === undefined || before.state !== after.state || before.agent !== after.agent || before.since !== after.since) {
    return "state";
  }
  const same = shownTool(before) === shownTool(after) && before.activity === after.activity && before.title === after.title &&
    before.cwd === after.cwd && before.pid === after.pid && before.startedAt === after.startedAt &&
    before.because === after.because;
  return same ? "same" : "details";
}

/** The aggregate on the wire. */
export function describeState(aggregate: Aggregate, since: number, because: StateBecause | undefined): StateData {
  return { state: aggregate.state, pose: STATES[aggregate.state].pose, since, counts: aggregate.counts, because };
}
