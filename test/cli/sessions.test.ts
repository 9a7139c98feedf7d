import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { age, colored, doing, sessionLines, sortSessions, summary } from "../../src/cli/_sessions.ts";
import { DEFAULT_ORDER, STATES } from "../../src/core/states.ts";
import type { SessionData } from "../../src/protocol/types.ts";
import { visible } from "./_fake-io.ts";

const session = (id: string, state: SessionData["state"], startedAt?: number): SessionData => (
  { id, state, pose: STATES[state].pose, since: 0, startedAt }
);

test("an age is in its largest whole unit, and never negative", () => {
  const ages = [-5, 0, 999, 1_000, 59_999, 60_000, 3_599_999, 3_600_000, 86_399_999, 86_400_000, 864_000_000].map(age);
  assert.equal(ages, ["0s", "0s", "0s", "1s", "59s", "1m", "59m", "1h", "23h", "1d", "10d"]);
});

test("sessions are sorted by the order of the aggregate, then by age", () => {
  const sessions = [session("c", "idle", 1), session("b", "working", 2), session("a", "working", 1), session("d", "failed", 9)];
  assert.equal(sortSessions(sessions).map(({ id }) => id), ["d", "a", "b", "c"]);
});

test("an id that is too long for the screen ends with an ellipsis, as all that is cut", () => {
  const style = { now: 0, isColored: false };
  for (const id of ["0123456789".repeat(12), "é234567890".repeat(12)]) {
    const rows = [{ ...session(id, "working"), agent: "claude-code", title: "A title of many words ".repeat(4), tool: "Bash" }];
    for (const width of [80, 79, 60, 56]) {
      const [, line = ""] = sessionLines(rows, { ...style, width });
      assert.is(line.length, width);
      assert.match(line, / {2}A title.*… {2}Bash {2,}[é\d]+…$/);
    }
    assert.ok(sessionLines(rows, { ...style, width: undefined })[1]?.endsWith(id));
  }
});

test("sorting keeps every session", () => {
  const sessions = fc.array(fc.record({ id: fc.string(), state: fc.constantFrom(...DEFAULT_ORDER), at: fc.option(fc.nat(9)) }));
  fc.assert(fc.property(sessions, (rows) => {
    const given = rows.map(({ id, state, at }) => session(id, state, at ?? undefined));
    const sorted = sortSessions(given);
    assert.equal(new Set(sorted), new Set(given));
    const ranks = sorted.map(({ state }) => DEFAULT_ORDER.indexOf(state));
    assert.equal(ranks, [...ranks].sort((a, b) => a - b));
  }));
});

test("the summary counts what there is and leaves out what there is not", () => {
  const none = { failed: 0, waiting: 0, prompted: 0, starting: 0, ending: 0, done: 0, working: 0, unknown: 0, idle: 0 };
  const of = (state: SessionData["state"], counts: Partial<typeof none>) => (
    { state, pose: STATES[state].pose, since: 0, counts: { ...none, ...counts } }
  );
  assert.equal(summary(of("idle", {}), null), ["idle", "no sessions"]);
  assert.equal(summary(of("idle", { idle: 1 }), undefined), ["idle", "1 session: 1 idle"]);
  assert.equal(summary(of("failed", { idle: 2, failed: 1 }), "bo\x1bba"), [
    "failed",
    "3 sessions: 1 failed, 2 idle",
    "pet bo\uFFFDba",
  ]);
});

test("what goes on is the tool and the activity, as far as known", () => {
  const parts = { ...session("s", "working") };
  assert.is(doing(parts), "");
  assert.is(doing({ ...parts, tool: "bash" }), "bash");
  assert.is(doing({ ...parts, activity: "tests" }), "tests");
  assert.is(doing({ ...parts, tool: "bash", activity: "npm\ntest" }), "bash: npm test");
});

test("every state has a color, which ends with its text", () => {
  for (const state of DEFAULT_ORDER) {
    assert.match(visible(colored(state, "x", true)), /^␛\[[0-9;]+mx␛\[0m$/);
    assert.is(colored(state, "x", false), "x");
  }
});

test.run();
