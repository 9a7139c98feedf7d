import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  because,
  newSession,
  nextDeadline,
  type Session,
  settle,
  shownState,
  shownTool,
  stopWork,
} from "../../src/core/session.ts";
import { stamped, WALL } from "../support/events.ts";

const FORGET_AT = 86_400_000;

const sessionWith = (changes: Partial<Session> = {}): Session => ({
  ...newSession(stamped("session.update"), FORGET_AT),
  ...changes,
});

const waitUntil = (until: number) => ({ id: undefined, tool: undefined, seq: 1, until });

test("a new session is idle, knows nothing but its event, and lives until it is forgotten", () => {
  const session = newSession(stamped("tool.start", { seq: 7, sessionId: "x", plain: true }), FORGET_AT);
  assert.is(session.id, "x");
  assert.is(session.state, "idle");
  assert.is(session.plain, true);
  assert.is(session.lastSeq, 7);
  assert.is(session.lastKind, "tool.start");
  assert.equal([session.startedAt, session.since, session.lastEventAt], [WALL, WALL, WALL]);
  assert.is(session.deadline, FORGET_AT);
  assert.is(nextDeadline(session), FORGET_AT);
});

test("failed shows before everything, a wait before an overlay, an overlay before the base", () => {
  const all = sessionWith({ failedUntil: 1, waits: [waitUntil(1)], overlay: "prompted", overlayUntil: 1, base: "working" });
  assert.is(shownState(all), "failed");
  assert.is(shownState({ ...all, failedUntil: 0 }), "waiting");
  assert.is(shownState({ ...all, failedUntil: 0, waits: [] }), "prompted");
  assert.is(shownState({ ...all, failedUntil: 0, waits: [], overlay: undefined, overlayUntil: 0 }), "working");
  assert.is(shownState(sessionWith({ base: "unknown" })), "unknown");
});

test("the deadline is the first of all times that are set", () => {
  const times = { baseUntil: 50, overlayUntil: 40, failedUntil: 30, waits: [waitUntil(20), waitUntil(60)], forgetAt: 10 };
  assert.is(nextDeadline(sessionWith(times)), 10);
  assert.is(nextDeadline(sessionWith({ ...times, forgetAt: 70 })), 20);
  assert.is(nextDeadline(sessionWith({ ...times, forgetAt: 70, waits: [] })), 30);
  assert.is(nextDeadline(sessionWith({ ...times, forgetAt: 70, waits: [], failedUntil: 0 })), 40);
  assert.is(nextDeadline(sessionWith({ ...times, forgetAt: 70, waits: [], failedUntil: 0, overlayUntil: 0 })), 50);
});

test("the reason tells the event, its witness and the rule; a witness that is not named is the client", () => {
  assert.equal(because(stamped("tool.end", { seq: 9, source: "hook" }), "tool.failed"), {
    seq: 9,
    kind: "tool.end",
    source: "hook",
    at: WALL,
    rule: "tool.failed",
  });
  assert.is(because(stamped("tool.end"), "tool.ended").source, "client");
});

test("settling notes since when and why only if something else shows", () => {
  const before = newSession(stamped("session.update"), FORGET_AT);
  const reason = because(stamped("tool.start", { seq: 2, receivedAt: WALL + 5 }), "tool.started");
  const same = settle({ ...before }, reason);
  assert.is(same.session?.since, WALL);
  assert.equal(same.session?.because, before.because);
  assert.is(same.rule, "tool.started");

  const other = settle({ ...before, base: "working", baseUntil: 30_000 }, reason);
  assert.is(other.session?.state, "working");
  assert.is(other.session?.since, WALL + 5);
  assert.equal(other.session?.because, reason);
  assert.equal([other.deadline, other.session?.deadline], [30_000, 30_000]);
});

test("stopping work closes tools and waits, and leaves overlays alone", () => {
  const draft = {
    ...newSession(stamped("session.update"), FORGET_AT),
    base: "working" as const,
    baseUntil: 5,
    tool: "bash",
    tools: [{ id: "1", tool: "bash", seq: 1, until: 5 }],
    waits: [waitUntil(5)],
    overlay: "prompted" as const,
    overlayUntil: 9,
    failedUntil: 8,
  };
  stopWork(draft, "closed");
  assert.equal([draft.base, draft.baseUntil, draft.turn, draft.tool], ["idle", 0, "closed", undefined]);
  assert.equal([draft.tools, draft.waits], [[], []]);
  assert.equal([draft.overlay, draft.overlayUntil, draft.failedUntil], ["prompted", 9, 8]);
});

test("a session that waits tells the tool that the person is asked about, and no other", () => {
  const tools = [{ id: "1", tool: "bash", seq: 1, until: 5 }, { id: "2", tool: "edit", seq: 2, until: 5 }];
  const toolOf = (wait: { id?: string; tool?: string }, changes: Partial<Session> = {}) => {
    const waits = [{ id: undefined, tool: undefined, seq: 3, until: 5, ...wait }, waitUntil(9)];
    return shownTool(sessionWith({ state: "waiting", tool: "edit", tools, waits, ...changes }));
  };
  assert.is(toolOf({ tool: "web" }), "web");
  assert.is(toolOf({ id: "1" }), "bash");
  assert.is(toolOf({ id: "9" }), undefined);
  assert.is(toolOf({}), undefined);
  assert.is(toolOf({}, { tools: tools.slice(1) }), "edit");
  assert.is(toolOf({ tool: "web" }, { state: "failed" }), "edit");
  assert.is(toolOf({}, { waits: [], state: "working" }), "edit");
});

test.run();
