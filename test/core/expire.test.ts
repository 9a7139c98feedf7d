import { test } from "uvu";
import * as assert from "uvu/assert";
import { expire } from "../../src/core/expire.ts";
import { DEFAULT_TIMINGS } from "../../src/core/states.ts";
import { Life, WALL } from "../support/events.ts";

const MINUTE = 60_000;

test("nothing happens before the deadline", () => {
  const { alive } = Life.v1().at(0, "prompt.submit");
  const step = expire(alive, alive.deadline - 1, WALL, DEFAULT_TIMINGS);
  assert.equal(step.session, alive);
  assert.is(step.deadline, alive.deadline);
});

test("30 s of silence end in unknown for v1 and in idle for v0", () => {
  assert.equal(Life.v1().at(0, "tool.start").until(MINUTE).shown, [[0, "working"], [30_000, "unknown"]]);
  assert.equal(Life.plain().at(0, "tool.start").until(MINUTE).shown, [[0, "working"], [30_000, "idle"]]);
});

test("an open tool holds the work for 10 min, and then nobody knows", () => {
  const life = Life.v1().at(0, "tool.start", { toolUseId: "1", tool: "bash" }).until(10 * MINUTE - 1);
  assert.equal([life.state, life.alive.tool], ["working", "bash"]);
  life.until(10 * MINUTE);
  assert.equal([life.state, life.alive.because.rule, life.alive.tool], ["unknown", "tool.too_long", undefined]);
  assert.equal(life.alive.tools, []);
});

test("an open tool in an open turn that nobody speaks of any more is the tool's fault", () => {
  const life = Life.v1().at(0, "prompt.submit").at(0, "tool.start", { toolUseId: "1" }).until(10 * MINUTE);
  assert.equal([life.state, life.alive.because.rule], ["unknown", "tool.too_long"]);
});

test("a tool that is believed no more is told no more; the newest that is still open is", () => {
  const lost = Life.v1().at(0, "prompt.submit").at(0, "tool.start", { toolUseId: "lost", tool: "bash" })
    .at(5 * MINUTE, "tool.start", { toolUseId: "2", tool: "edit" }).at(6 * MINUTE, "tool.end", { toolUseId: "2" });
  assert.is(lost.alive.tool, "bash");
  assert.equal([lost.until(10 * MINUTE).state, lost.alive.tool], ["working", undefined]);
  const other = Life.v1().at(0, "tool.start", { toolUseId: "lost", tool: "bash" })
    .at(MINUTE, "tool.start", { toolUseId: "2", tool: "edit" }).until(10 * MINUTE);
  assert.is(other.alive.tool, "edit");
  assert.is(Life.v1().at(0, "tool.start", { tool: "bash" }).until(30_000).alive.tool, undefined);
});

test("of parallel tools each holds the work for its own 10 min", () => {
  const life = Life.v1().at(0, "tool.start", { toolUseId: "1" }).at(MINUTE, "tool.start", { toolUseId: "2" }).until(
    11 * MINUTE,
  );
  assert.equal(life.shown, [[0, "working"], [11 * MINUTE, "unknown"]]);
});

test("a tool whose end was lost does not make a busy session unknown", () => {
  const turn = Life.v1().at(0, "prompt.submit").at(MINUTE, "tool.start", { toolUseId: "lost" })
    .at(10 * MINUTE, "tool.start", { toolUseId: "2" }).at(10.5 * MINUTE, "tool.end", { toolUseId: "2" }).until(30 * MINUTE);
  assert.equal(turn.shown, [[0, "prompted"], [1_500, "working"], [20.5 * MINUTE, "unknown"]]);
  assert.is(turn.alive.because.rule, "turn.too_long");
  const noTurn = Life.v1().at(0, "tool.start", { toolUseId: "lost" })
    .at(10 * MINUTE - 1_000, "tool.end", { toolUseId: "2" }).until(30 * MINUTE);
  assert.equal(noTurn.shown, [[0, "working"], [10 * MINUTE + 29_000, "unknown"]]);
  assert.is(noTurn.alive.because.rule, "silence");
});

test("a request that is not answered for 30 min leaves the session unknown", () => {
  const life = Life.v1().at(0, "permission.request").until(31 * MINUTE);
  assert.equal(life.shown, [[0, "waiting"], [30 * MINUTE, "unknown"]]);
  assert.equal([life.alive.because.rule, life.alive.waits], ["waiting.too_long", []]);
});

test("a request that was forgotten about does not make a busy session unknown", () => {
  const life = Life.v1().at(0, "permission.request", { tool: "edit" })
    .at(25 * MINUTE, "tool.start", { toolUseId: "1", tool: "bash" }).until(34 * MINUTE);
  assert.equal(life.shown, [[0, "waiting"], [30 * MINUTE, "working"]]);
  assert.is(life.at(40 * MINUTE, "tool.end", { toolUseId: "late" }).until(40 * MINUTE + 29_999).state, "working");
});

test("several requests run out one after the other", () => {
  const life = Life.v1().at(0, "permission.request", { toolUseId: "1" }).at(MINUTE, "permission.request", { toolUseId: "2" });
  assert.is(life.until(30 * MINUTE).alive.waits.length, 1);
  assert.is(life.state, "waiting");
  assert.is(life.until(31 * MINUTE).state, "unknown");
});

test("what time decides is told with the clock as the witness of the last event", () => {
  const { because, since } = Life.v1().at(0, "tool.start").at(70, "tool.end", { source: "hook" }).until(MINUTE).alive;
  assert.equal(because, { seq: 2, kind: "tool.end", source: "clock", at: WALL + 30_070, rule: "silence" });
  assert.is(since, WALL + 30_070);
});

test("each thing that ends names its rule", () => {
  const ruleAt = (life: Life, at: number) => life.until(at).alive.because.rule;
  assert.is(ruleAt(Life.v1().at(0, "prompt.submit"), 1_500), "overlay.over");
  assert.is(ruleAt(Life.v1().at(0, "turn.complete").at(1, "session.end"), 1_001), "overlay.over");
  assert.is(ruleAt(Life.v1().at(0, "turn.fail"), 2_000), "failed.over");
  assert.is(ruleAt(Life.plain().at(0, "tool.start"), 30_000), "silence");
});

test("the reason is the rule that changed what shows, not one that fired unseen after it", () => {
  const { alive } = Life.plain().at(0, "permission.request").at(0, "tool.end", { exitCode: 1, tool: "other" })
    .at(1, "permission.request");
  const late = expire(alive, 60_000, WALL + 60_000, DEFAULT_TIMINGS).session;
  assert.equal([late?.state, late?.base, late?.because.rule], ["waiting", "idle", "failed.over"]);
});

test("after a long sleep of the machine everything that is due happens at once, in order", () => {
  const prompted = Life.v1().at(0, "prompt.submit").alive;
  assert.is(expire(prompted, 10 * MINUTE, WALL, DEFAULT_TIMINGS).session?.state, "unknown");
  const waving = Life.v1().at(0, "turn.complete").at(10, "session.end").alive;
  assert.is(expire(waving, 2_000, WALL, DEFAULT_TIMINGS).session?.state, "ending");
  assert.equal(expire(waving, MINUTE, WALL, DEFAULT_TIMINGS), {
    session: undefined,
    deadline: undefined,
    rule: "session.ended",
  });
});

test("a failure that outlasts the end of its session shows its whole time", () => {
  const life = Life.v1({ failedMs: 10_000 }).at(0, "turn.complete").at(5, "tool.end", { ok: false }).at(10, "session.end")
    .untilGone();
  assert.equal(life.shown, [[0, "done"], [5, "failed"], [10_005, "gone"]]);
});

test("a session without any event is forgotten after 24 h, whatever it showed", () => {
  const life = Life.v1().at(0, "tool.start").untilGone();
  assert.equal(life.shown.at(-1), [86_400_000, "gone"]);
  assert.equal(life.step, { session: undefined, deadline: undefined, rule: "forgotten" });
});

test.run();
