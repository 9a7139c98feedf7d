import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { messageLines, screenLines, type ScreenStyle, type Standing, standingText } from "../../src/cli/_watch-text.ts";
import { widthOf } from "../../src/cli/_text.ts";
import { DEFAULT_ORDER } from "../../src/core/states.ts";
import type { SessionData, StateData } from "../../src/protocol/types.ts";
import { visible } from "./_fake-io.ts";
import { NOW, sessionData, stateData } from "./_fake-stream.ts";

const STYLE: ScreenStyle = { now: NOW, steadyNow: 10_000, isColored: false, width: 60, height: 10 };
const URL = "http://127.0.0.1:65535";
const LIVE: Standing = { status: { phase: "live" }, since: 0, trueAt: 0, restartedAt: undefined, url: URL };
const STALE: Standing = {
  status: { phase: "stale", cause: { code: "lost", detail: "The broker ended\nthe stream" }, retryInMs: 3_500 },
  since: 9_000,
  trueAt: 5_000,
  restartedAt: undefined,
  url: URL,
};

const view = (state: StateData | undefined, sessions: readonly SessionData[], pet: string | null = null) => (
  { state: () => state, sessions: () => sessions, pet: () => pet }
);
const many = (count: number) =>
  Array.from({ length: count }, (_, at) => sessionData({ id: `s${at}`, state: "working", startedAt: at }));

test("a live screen is the aggregate and the table", () => {
  const sessions = [
    sessionData({ id: "s1", state: "working", agent: "codex", title: "Fix it", tool: "bash", since: NOW - 7_000 }),
  ];
  assert.equal(screenLines(view(stateData("working", { working: 1 }), sessions, "boba"), LIVE, STYLE), [
    "working  1 session: 1 working  pet boba",
    "",
    "STATE    SINCE  AGENT  TITLE   DOING  SESSION",
    "working  7s     codex  Fix it  bash   s1",
  ]);
});

test("a screen that is not live says so, since when, why, and when it tries again", () => {
  const lines = screenLines(view(stateData("idle", {}), []), STALE, STYLE);
  assert.equal(lines, ["idle  no sessions", "STALE for 5s (next try in 3s): the connection broke", ""]);
  const standing: Standing = { ...LIVE, status: { phase: "connecting" }, trueAt: undefined };
  assert.equal(screenLines(view(undefined, []), standing, STYLE), ["perch", "CONNECTING (trying now)", ""]);
});

test("why a screen is not live fits into 80 columns, and has no words of a runtime", () => {
  for (const code of ["unreachable", "lost", "silent", "invalid_message", "shutdown", "overload"]) {
    const cause = { code, detail: "terminated: other side closed at http://127.0.0.1:65535/v1/stream" };
    const standing: Standing = { ...STALE, status: { phase: "stale", cause, retryInMs: 29_000 }, trueAt: 9_000 - 59 * 60_000 };
    const line = standingText(standing, 9_000);
    assert.match(line, /^STALE for 59m \(next try in 29s\): \w/);
    assert.ok(line.length <= 80 && !line.includes("terminated"), line);
  }
  const other = { phase: "stale", cause: { code: "http_500", detail: "It\nfailed" } } as const;
  assert.match(standingText({ ...STALE, status: other }, 9_000), /: It failed$/);
});

test("for an hour a screen says that the broker was restarted", () => {
  const screen = view(stateData("idle", {}), []);
  const linesAt = (steadyNow: number) =>
    screenLines(screen, { ...LIVE, restartedAt: 9_000 }, { ...STYLE, width: 80, steadyNow });
  const notice = "ago: the broker knows nothing of what was shown before";
  assert.equal(linesAt(14_000), ["idle  no sessions", `RESTARTED 5s ${notice}`, ""]);
  assert.equal(linesAt(9_000 + 3_599_000), ["idle  no sessions", `RESTARTED 59m ${notice}`, ""]);
  assert.equal(linesAt(9_000 + 3_600_000), ["idle  no sessions", ""]);
});

test("what is not sure has no color", () => {
  const sessions = [sessionData({ id: "s1", state: "failed" })];
  const screen = view(stateData("failed", { failed: 1 }), sessions);
  const style = { ...STYLE, isColored: true };
  assert.match(visible(screenLines(screen, LIVE, style).join("\n")), /^␛\[31;1mfailed␛\[0m[^]*\n␛\[31;1mfailed/);
  const stale = screenLines(screen, STALE, style);
  assert.match(visible(stale[1] ?? ""), /^␛\[7mSTALE.*␛\[0m$/);
  assert.not.match(visible([stale[0], ...stale.slice(2)].join("\n")), /␛/);
});

test("sessions that have no room are counted", () => {
  const lines = screenLines(view(stateData("working", { working: 20 }), many(20)), LIVE, STYLE);
  assert.is(lines.length, 10);
  assert.equal(lines.slice(3).map((line) => line.split(/ +/).at(-1)), ["s0", "s1", "s2", "s3", "s4", "s5", "more"]);
  assert.is(lines.at(-1), "… and 14 more");
  const all = screenLines(view(stateData("working", { working: 7 }), many(7)), LIVE, STYLE);
  assert.match(all.at(-1) ?? "", / s6$/);
});

test("no screen is larger than the terminal", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 30 });
  const sessions = fc.array(
    fc.record({ id: text, agent: text, title: text, tool: text, activity: text, state: fc.constantFrom(...DEFAULT_ORDER) }),
    { maxLength: 12 },
  );
  const size = fc.record({ width: fc.integer({ min: 1, max: 120 }), height: fc.integer({ min: 1, max: 15 }) });
  fc.assert(fc.property(sessions, size, fc.constantFrom(LIVE, STALE), (rows, { width, height }, standing) => {
    const screen = view(stateData("working", { working: 3 }), rows.map((row) => sessionData(row)));
    const lines = screenLines(screen, standing, { ...STYLE, width, height });
    assert.ok(lines.length <= height);
    assert.ok(lines.every((line) => widthOf(line) <= width), lines.join("\n"));
    assert.not.match(lines.join(""), /\p{Cc}/u);
  }));
});

test("the time to the next try counts down and never below zero", () => {
  const at = (now: number) => standingText(STALE, now);
  assert.match(at(9_000), /next try in 4s/);
  assert.match(at(12_400), /next try in 1s/);
  assert.match(at(20_000), /next try in 0s/);
  assert.match(standingText({ ...STALE, status: { phase: "stale" } }, 9_000), /^STALE for 4s \(trying now\)$/);
});

test("every message that changes something is a line with the time of day", () => {
  const session = sessionData({ id: "s1", state: "working", agent: "codex", title: "Fix\x1b it", tool: "bash" });
  const lines = (...message: Parameters<typeof messageLines>) =>
    messageLines(...message).map((line) => {
      assert.match(line, /^\d\d:\d\d:\d\d {2}\S/);
      return line.slice(10);
    });
  const state = stateData("working", { working: 1 });
  const data = { epoch: "abcdefgh", seq: 1, state, pet: { slug: "boba" }, sessions: [session] };
  const whole = ["all  working  1 session: 1 working  pet boba", "s1  working  codex  Fix\uFFFD it  bash"];
  assert.equal(lines({ type: "snapshot", id: "abcdefgh.1", data }, NOW), whole);
  assert.equal(lines({ type: "state", id: "abcdefgh.1", data: state }, NOW), ["all  working  1 session: 1 working"]);
  assert.equal(lines({ type: "session", id: "abcdefgh.1", data: session }, NOW), whole.slice(1));
  assert.equal(lines({ type: "session.gone", id: "abcdefgh.1", data: { id: "s1", reason: "ended" } }, NOW), [
    "s1  gone  ended",
  ]);
  assert.equal(lines({ type: "pet", id: "abcdefgh.1", data: { slug: null } }, NOW), ["pet  none"]);
  assert.equal(lines({ type: "live", id: "abcdefgh.1", data: { head: 1 } }, NOW), []);
});

test.run();
