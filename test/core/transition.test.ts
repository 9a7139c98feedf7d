import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EventKind } from "../../src/core/events.ts";
import { DEFAULT_TIMINGS } from "../../src/core/states.ts";
import { transition } from "../../src/core/transition.ts";
import { type Fields, Life, stamped, WALL } from "../support/events.ts";

test("each kind of event shows its state and names its rule", () => {
  const expected: [EventKind, Fields, string, string][] = [
    ["session.start", {}, "starting", "session.started"],
    ["session.end", {}, "ending", "session.ended"],
    ["prompt.submit", {}, "prompted", "prompt.submitted"],
    ["tool.start", {}, "working", "tool.started"],
    ["tool.end", {}, "working", "tool.ended"],
    ["tool.end", { ok: false }, "failed", "tool.failed"],
    ["permission.request", {}, "waiting", "permission.requested"],
    ["permission.resolve", {}, "working", "permission.resolved"],
    ["turn.complete", {}, "done", "turn.completed"],
    ["turn.fail", {}, "failed", "turn.failed"],
    ["subagent.start", {}, "working", "work.started"],
    ["subagent.stop", {}, "idle", "work.ended"],
    ["compact.start", {}, "working", "work.started"],
    ["compact.end", {}, "idle", "work.ended"],
    ["session.update", {}, "idle", "session.updated"],
    ["session.interrupt", {}, "idle", "turn.interrupted"],
  ];
  for (const [kind, fields, state, rule] of expected) {
    const step = transition(undefined, stamped(kind, { ...fields, source: "hook" }), 0, DEFAULT_TIMINGS);
    assert.is(step.session?.state, state, kind);
    assert.is(step.rule, rule, kind);
    assert.equal(step.session?.because, { seq: 1, kind, source: "hook", at: WALL, rule }, kind);
    assert.is(step.deadline, step.session?.deadline, kind);
  }
});

test("a prompt jumps for 1.5 s over a turn that is open for 10 min without any event, and then nobody knows", () => {
  const life = Life.v1().at(0, "prompt.submit").until(700_000);
  assert.equal(life.shown, [[0, "prompted"], [1_500, "working"], [600_000, "unknown"]]);
  assert.is(life.alive.because.rule, "turn.too_long");
});

test("any event of an open turn keeps it open for another 10 min", () => {
  const life = Life.v1().at(0, "prompt.submit").at(599_999, "session.update").until(1_199_998);
  assert.is(life.state, "working");
  assert.is(life.until(1_199_999).state, "unknown");
});

test("a completed turn is done for 1 s and then idle, whatever tools and requests it leaves open", () => {
  const life = Life.v1().at(0, "prompt.submit").at(2_000, "tool.start", { toolUseId: "1" })
    .at(2_010, "permission.request").at(3_000, "turn.complete").until(700_000);
  assert.equal(life.shown.slice(2), [[2_010, "waiting"], [3_000, "done"], [4_000, "idle"]]);
  assert.equal([life.alive.tools, life.alive.waits, life.alive.tool], [[], [], undefined]);
});

test("a turn that fails shows failed for 2 s and then idle", () => {
  const life = Life.v1().at(0, "prompt.submit").at(100, "turn.fail").until(700_000);
  assert.equal(life.shown, [[0, "prompted"], [100, "failed"], [2_100, "idle"]]);
});

test("a turn that fails takes away its prompt, and a request takes away what was done before", () => {
  const failed = Life.v1({ failedMs: 10 }).at(0, "prompt.submit").at(100, "turn.fail").until(5_000);
  assert.equal(failed.shown, [[0, "prompted"], [100, "failed"], [110, "idle"]]);
  const asked = Life.v1().at(0, "turn.complete").at(100, "permission.request").at(200, "permission.resolve").until(5_000);
  assert.equal(asked.shown, [[0, "done"], [100, "waiting"], [200, "working"]]);
});

test("an interrupt ends the turn at once: its work, its prompt, its requests, but not a failure that shows", () => {
  assert.is(Life.v1().at(0, "prompt.submit").at(100, "session.interrupt").state, "idle");
  assert.is(Life.v1().at(0, "tool.start", { toolUseId: "1" }).at(100, "session.interrupt").state, "idle");
  assert.is(Life.v1().at(0, "permission.request").at(100, "session.interrupt").state, "idle");
  const failed = Life.v1().at(0, "tool.end", { ok: false }).at(100, "session.interrupt").until(10_000);
  assert.equal(failed.shown, [[0, "failed"], [2_000, "idle"]]);
});

test("a tool that ends after its turn was completed does not bring back work", () => {
  for (const fields of [{ toolUseId: "1" }, { tool: "bash" }, {}]) {
    const life = Life.v1().at(0, "prompt.submit").at(2_000, "tool.start", { toolUseId: "1", tool: "bash" })
      .at(3_000, "turn.complete").at(3_100, "tool.end", fields).until(40_000);
    assert.equal(life.shown.slice(2), [[3_000, "done"], [4_000, "idle"]]);
  }
});

test("a tool that failed after its turn was completed still shows failed", () => {
  const life = Life.v1().at(0, "prompt.submit").at(10, "turn.complete").at(20, "tool.end", { ok: false }).until(9_000);
  assert.equal(life.shown.slice(1), [[10, "done"], [20, "failed"], [2_020, "idle"]]);
});

test("an answer that comes after its turn was completed does not bring back work", () => {
  const life = Life.v1().at(0, "prompt.submit").at(2_000, "permission.request", { toolUseId: "1" })
    .at(3_000, "turn.complete").at(3_100, "permission.resolve", { toolUseId: "1" }).until(40_000);
  assert.equal(life.shown.slice(3), [[3_000, "done"], [4_000, "idle"]]);
});

test("a request that comes after its turn was completed is work once it is answered", () => {
  const life = Life.v1().at(0, "turn.complete").at(2_000, "permission.request").at(3_000, "permission.resolve").until(32_999);
  assert.equal(life.shown.slice(1), [[1_000, "idle"], [2_000, "waiting"], [3_000, "working"]]);
});

test("the word of the agent beats the exit code", () => {
  assert.is(Life.v1().at(0, "tool.end", { ok: true, exitCode: 1 }).state, "working");
  assert.is(Life.v1().at(0, "tool.end", { ok: false, exitCode: 0 }).state, "failed");
  assert.is(Life.v1().at(0, "tool.end", { exitCode: 1 }).state, "failed");
});

const WORKS = [["subagent.start", "subagent.stop"], ["compact.start", "compact.end"]] as const;

test("work inside the session takes away done; where nothing else goes on, its end is the end of work", () => {
  for (const [start, stop] of WORKS) {
    const life = Life.v1().at(0, "turn.complete").at(100, start).at(5_000, stop).until(36_000);
    assert.equal(life.shown, [[0, "done"], [100, "working"], [5_000, "idle"]], start);
    assert.is(life.alive.because.rule, "work.ended");
    const alone = Life.v1().at(0, "session.start").at(3_000, start).at(5_000, stop);
    assert.is(alone.state, "idle", start);
  }
});

test("where something else goes on, the end of work inside the session changes no state", () => {
  for (const [start, stop] of WORKS) {
    assert.is(Life.v1().at(0, "prompt.submit").at(2_000, start).at(3_000, stop).state, "working", "an open turn");
    assert.is(Life.v1().at(0, start).at(1, "tool.start", { toolUseId: "1" }).at(2, stop).state, "working", "an open tool");
    assert.is(
      Life.v1().at(0, "tool.end").at(1, start).at(2, stop).state,
      "working",
      "work before, of a turn that is not known",
    );
    const two = Life.v1().at(0, "session.start").at(3_000, start).at(3_001, start).at(3_002, stop);
    assert.is(two.state, "working", "another one");
    assert.is(two.at(3_003, stop).state, "idle");
  }
});

test("what comes late after the end of a session does not begin it anew; a failure still shows", () => {
  for (const kind of ["tool.end", "permission.resolve", "turn.complete", "subagent.stop", "compact.end"] as const) {
    const life = Life.v1().at(0, "tool.start", { toolUseId: "1" }).at(10, "session.end").at(20, kind, { toolUseId: "1" });
    assert.equal(life.untilGone().shown, [[0, "working"], [10, "ending"], [2_510, "gone"]], kind);
  }
  for (const kind of ["turn.fail", "tool.end"] as const) {
    const life = Life.v1().at(0, "session.end").at(1_000, kind, { ok: false }).untilGone();
    assert.equal(life.shown, [[0, "ending"], [1_000, "failed"], [3_000, "gone"]], kind);
  }
  assert.is(Life.v1().at(0, "session.end").at(10, "tool.start").state, "working");
});

test("an update tells details and changes no state, and a session that it begins is idle", () => {
  const told = { title: "T", cwd: "/x", activity: "A", pid: 7, agent: "claude-code" };
  const life = Life.v1().at(0, "tool.start", { tool: "bash" }).at(10, "session.update", told);
  const { title, cwd, activity, pid, agent, tool, state, because } = life.alive;
  assert.equal({ title, cwd, activity, pid, agent }, told);
  assert.equal([tool, state, because.rule, because.seq], ["bash", "working", "tool.started", 1]);
  assert.is(Life.v1().at(0, "session.update").state, "idle");
});

test("details that an event leaves out stay as they were", () => {
  const life = Life.v1().at(0, "session.start", { title: "T", cwd: "/x", pid: 7 }).at(10, "tool.start", { tool: "bash" });
  assert.equal([life.alive.title, life.alive.cwd, life.alive.pid, life.alive.tool], ["T", "/x", 7, "bash"]);
});

test("a session that ends is forgotten after 2.5 s, with all that it was doing", () => {
  const life = Life.v1().at(0, "prompt.submit").at(2_000, "tool.start", { toolUseId: "1" }).at(3_000, "session.end")
    .untilGone();
  assert.equal(life.shown.slice(2), [[3_000, "ending"], [5_500, "gone"]]);
  assert.is(life.step?.rule, "session.ended");
});

test("neither an update nor a witness that is late begins an ended session anew", () => {
  for (const kind of ["session.update", "session.end", "session.interrupt"] as const) {
    const life = Life.v1().at(0, "prompt.submit").at(100, "session.end").at(2_000, kind).untilGone();
    assert.equal(life.shown, [[0, "prompted"], [100, "ending"], [2_600, "gone"]], kind);
    const waving = Life.v1().at(0, "turn.complete").at(100, "session.end").at(200, kind).untilGone();
    assert.equal(waving.shown, [[0, "done"], [1_100, "ending"], [3_600, "gone"]], kind);
  }
});

test("an event that begins an ended session anew takes nothing over but the failure that shows", () => {
  const life = Life.v1().at(0, "session.start", { title: "Old", agent: "codex" }).at(10, "tool.end", { ok: false })
    .at(20, "session.end").at(30, "tool.start");
  const { title, agent, startedAt, state, since, failedUntil } = life.alive;
  assert.equal([title, agent, startedAt], [undefined, undefined, WALL + 30]);
  assert.equal([state, since, failedUntil], ["failed", WALL + 10, 2_010]);
});

test("what time has already ended is ended before an event acts", () => {
  const asleep = Life.v1().at(0, "session.end").alive;
  const anew = transition(asleep, stamped("session.update", { seq: 2, receivedAt: WALL + 9_000 }), 9_000, DEFAULT_TIMINGS);
  assert.equal([anew.session?.state, anew.session?.ended, anew.session?.startedAt], ["idle", false, WALL + 9_000]);

  const working = Life.v1().at(0, "tool.start", { toolUseId: "1" }).alive;
  const late = transition(working, stamped("session.update", { seq: 2, receivedAt: WALL + 600_000 }), 600_000, DEFAULT_TIMINGS);
  assert.equal([late.session?.state, late.session?.because.rule], ["unknown", "tool.too_long"]);
});

test("a session is forgotten 24 h after its last event", () => {
  const life = Life.v1().at(0, "session.update").at(1_000, "session.update").untilGone();
  assert.equal(life.shown, [[0, "idle"], [86_401_000, "gone"]]);
  assert.is(life.step?.rule, "forgotten");
});

test("the surface of the last event decides how silence ends", () => {
  const v0 = Life.v1().at(0, "tool.start").at(1, "tool.end", { plain: true });
  assert.equal([v0.alive.plain, v0.until(40_000).state], [true, "idle"]);
  const v1 = Life.plain().at(0, "tool.start").at(1, "tool.end", { plain: false });
  assert.equal([v1.alive.plain, v1.until(40_000).state], [false, "unknown"]);
});

test("since and because stay those of the event that changed what shows", () => {
  const life = Life.v1().at(0, "tool.start", { toolUseId: "1" }).at(500, "tool.end", { toolUseId: "1" });
  assert.equal([life.alive.since, life.alive.because.seq], [WALL, 1]);
  assert.equal([life.alive.lastSeq, life.alive.lastKind, life.alive.lastEventAt], [2, "tool.end", WALL + 500]);
});

test("all durations can be set", () => {
  const timings = {
    failedMs: 1,
    promptedMs: 2,
    startingMs: 3,
    endingMs: 4,
    doneMs: 5,
    silenceMs: 6,
    toolMs: 7,
    turnMs: 8,
    waitingMs: 9,
  };
  const ends = (kind: EventKind, fields: Fields = {}) => Life.v1(timings).at(0, kind, fields).until(20).shown.slice(1);
  assert.equal(ends("turn.fail"), [[1, "idle"]]);
  assert.equal(ends("prompt.submit"), [[2, "working"], [8, "unknown"]]);
  assert.equal(ends("session.start"), [[3, "idle"]]);
  assert.equal(ends("session.end"), [[4, "gone"]]);
  assert.equal(ends("turn.complete"), [[5, "idle"]]);
  assert.equal(ends("tool.start"), [[6, "unknown"]]);
  assert.equal(ends("tool.start", { toolUseId: "1" }), [[7, "unknown"]]);
  assert.equal(ends("permission.request"), [[9, "unknown"]]);
  assert.equal(Life.v1({ forgetMs: 10 }).at(0, "session.update").untilGone().shown, [[0, "idle"], [10, "gone"]]);
});

test.run();
