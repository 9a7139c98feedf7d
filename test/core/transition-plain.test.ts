import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EventKind } from "../../src/core/events.ts";
import { type Fields, Life } from "../support/events.ts";

const ALL_DAY = 86_400_000;

test("work runs until 30 s of silence, and then the session is idle", () => {
  const life = Life.plain().at(0, "tool.start").at(20_000, "tool.end").untilGone();
  assert.equal(life.shown, [[0, "working"], [50_000, "idle"], [20_000 + ALL_DAY, "gone"]]);
});

test("every kind of event but the start and the end of a session keeps work going for another 30 s", () => {
  const kinds: EventKind[] = ["tool.start", "tool.end", "prompt.submit", "turn.complete", "permission.resolve"];
  for (const kind of kinds) {
    const life = Life.plain().at(0, "tool.start").at(29_999, kind);
    assert.is(life.until(59_998).state, "working", kind);
    assert.is(life.until(59_999).state, "idle", kind);
  }
});

test("a prompt jumps for 1.5 s over the work that it begins", () => {
  const life = Life.plain().at(0, "prompt.submit").until(40_000);
  assert.equal(life.shown, [[0, "prompted"], [1_500, "working"], [30_000, "idle"]]);
});

test("a tool that starts or ends well takes away the jump and the wave", () => {
  for (const kind of ["tool.start", "tool.end"] as const) {
    assert.is(Life.plain().at(0, "prompt.submit").at(10, kind).state, "working");
    assert.is(Life.plain().at(0, "turn.complete").at(10, kind).state, "working");
  }
});

test("a tool that starts does not take away the start of the session", () => {
  const life = Life.plain().at(0, "session.start").at(100, "tool.start").until(3_000);
  assert.equal(life.shown, [[0, "starting"], [2_500, "working"]]);
});

test("a completed message waves for 1 s and does not end the work", () => {
  const life = Life.plain().at(0, "tool.start").at(100, "turn.complete").until(60_000);
  assert.equal(life.shown, [[0, "working"], [100, "done"], [1_100, "working"], [30_100, "idle"]]);
});

test("a completed message of a session that does nothing waves over idle", () => {
  assert.equal(Life.plain().at(0, "turn.complete").until(5_000).shown, [[0, "done"], [1_000, "idle"]]);
});

test("a session start shows for 2.5 s over idle, whatever was before", () => {
  const life = Life.plain().at(0, "tool.start").at(10, "permission.request").at(20, "session.start").until(5_000);
  assert.equal(life.shown, [[0, "working"], [10, "waiting"], [20, "starting"], [2_520, "idle"]]);
});

test("failed shows its whole 2 s, whatever event follows", () => {
  const followers: [EventKind, Fields][] = [
    ["tool.start", {}],
    ["tool.end", { exitCode: 0 }],
    ["prompt.submit", {}],
    ["turn.complete", {}],
    ["permission.request", {}],
    ["permission.resolve", {}],
    ["session.start", {}],
    ["session.end", {}],
  ];
  for (const [kind, fields] of followers) {
    const life = Life.plain().at(0, "tool.end", { exitCode: 1 }).at(300, kind, fields);
    assert.is(life.until(1_999).state, "failed", kind);
    assert.is.not(life.until(2_000).state, "failed", kind);
  }
});

test("failed shows its whole 2 s even when the session ends and begins anew under it", () => {
  const life = Life.plain().at(0, "tool.end", { exitCode: 1 }).at(10, "session.end").at(20, "tool.start").until(2_500);
  assert.equal(life.shown, [[0, "failed"], [2_000, "working"]]);
});

test("another failure shows failed for 2 s from then on", () => {
  const life = Life.plain().at(0, "tool.end", { exitCode: 1 }).at(1_500, "tool.end", { exitCode: 2 }).until(4_000);
  assert.equal(life.shown, [[0, "failed"], [3_500, "working"]]);
});

test("an exit code other than 0 is a failure, none is not", () => {
  assert.is(Life.plain().at(0, "tool.end", { exitCode: -1 }).state, "failed");
  assert.is(Life.plain().at(0, "tool.end", { exitCode: 0 }).state, "working");
  assert.is(Life.plain().at(0, "tool.end").state, "working");
});

test("a wave, then the end: it waves once more in full, shows the end for 2.5 s and is forgotten", () => {
  const life = Life.plain().at(0, "tool.start").at(100, "turn.complete").at(900, "session.end").untilGone();
  assert.equal(life.shown, [[0, "working"], [100, "done"], [1_900, "ending"], [4_400, "gone"]]);
});

test("a session that ends without a wave shows the end for 2.5 s and is forgotten", () => {
  for (const kind of ["tool.start", "prompt.submit", "permission.request", "session.start"] as const) {
    const life = Life.plain().at(0, kind).at(100, "session.end").untilGone();
    assert.equal(life.shown.slice(1), [[100, "ending"], [2_600, "gone"]], kind);
  }
});

test("the end of a session that nobody knew shows for 2.5 s too", () => {
  assert.equal(Life.plain().at(0, "session.end").untilGone().shown, [[0, "ending"], [2_500, "gone"]]);
});

test("a second end neither prolongs the end nor waves again", () => {
  const ending = Life.plain().at(0, "session.end").at(2_000, "session.end").untilGone();
  assert.equal(ending.shown, [[0, "ending"], [2_500, "gone"]]);
  const waving = Life.plain().at(0, "turn.complete").at(500, "session.end").at(1_400, "session.end").untilGone();
  assert.equal(waving.shown, [[0, "done"], [1_500, "ending"], [4_000, "gone"]]);
});

test("an event after the end begins the session anew, also while it still waves", () => {
  const ending = Life.plain().at(0, "session.end").at(1_000, "tool.start").until(20_000);
  assert.equal(ending.shown, [[0, "ending"], [1_000, "working"]]);
  assert.is(ending.alive.ended, false);
  const waving = Life.plain().at(0, "turn.complete").at(500, "session.end").at(600, "tool.start").until(20_000);
  assert.equal(waving.shown, [[0, "done"], [600, "working"]]);
  const gone = Life.plain().at(0, "session.end").at(2_500, "prompt.submit").until(2_600);
  assert.equal(gone.shown, [[0, "ending"], [2_500, "gone"], [2_500, "prompted"]]);
});

test("a request waits until it is answered, through silence, and for 30 min at most", () => {
  const life = Life.plain().at(0, "tool.start").at(5, "permission.request").until(2_000_000);
  assert.equal(life.shown, [[0, "working"], [5, "waiting"], [1_800_005, "unknown"]]);
});

test("a request is answered by its resolution, its tool's end, a completed message, a prompt, and a start of the session", () => {
  const answers: [EventKind, Fields, string][] = [
    ["permission.resolve", {}, "working"],
    ["permission.resolve", { tool: "bash" }, "working"],
    ["tool.end", { tool: "bash" }, "working"],
    ["tool.end", {}, "working"],
    ["turn.complete", {}, "done"],
    ["prompt.submit", {}, "prompted"],
    ["session.start", {}, "starting"],
    ["session.end", {}, "ending"],
  ];
  for (const [kind, fields, state] of answers) {
    const life = Life.plain().at(0, "tool.start", { tool: "bash" }).at(5, "permission.request", { tool: "bash" });
    assert.is(life.state, "waiting");
    assert.is(life.at(10, kind, fields).state, state, kind);
    assert.equal(life.alive.waits, [], kind);
  }
});

test("a tool that starts, or another tool that ends, is no answer", () => {
  const life = Life.plain().at(0, "permission.request", { tool: "bash" });
  assert.is(life.at(10, "tool.start", { tool: "bash" }).state, "waiting");
  assert.is(life.at(20, "tool.end", { tool: "edit" }).state, "waiting");
});

test("a request and its resolution change nothing about the base", () => {
  const life = Life.plain().at(0, "permission.request").at(10, "permission.resolve").until(100);
  assert.equal(life.shown, [[0, "waiting"], [10, "idle"]]);
});

test("a tool id on a v0 event does not hold the work beyond the silence", () => {
  const life = Life.plain().at(0, "tool.start", { toolUseId: "call-1" }).until(30_000);
  assert.is(life.state, "idle");
});

test.run();
