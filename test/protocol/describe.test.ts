import { test } from "uvu";
import * as assert from "uvu/assert";
import { emptyAggregate, moveSession } from "../../src/core/aggregate.ts";
import type { StampedEvent } from "../../src/core/events.ts";
import { because, newSession, type Session } from "../../src/core/session.ts";
import { DEFAULT_ORDER, STATES } from "../../src/core/states.ts";
import { bareSession, bareState, compareSessions, describeSession, describeState } from "../../src/protocol/describe.ts";

const EVENT: StampedEvent = { kind: "tool.start", sessionId: "s", source: "hook", seq: 3, receivedAt: 5_000 };

/** A session of which everything is known. */
const SESSION: Session = {
  ...newSession(EVENT, 90_000),
  agent: "claude-code",
  title: "title",
  cwd: "/home",
  activity: "activity",
  tool: "Bash",
  pid: 42,
  state: "waiting",
  since: 6_000,
  because: because(EVENT, "permission.requested"),
};

test("shows what the wire knows of a session, and nothing of its inner life", () => {
  assert.equal(describeSession(SESSION), {
    id: "s",
    agent: "claude-code",
    state: "waiting",
    pose: "review",
    since: 6_000,
    startedAt: 5_000,
    title: "title",
    activity: "activity",
    tool: "Bash",
    cwd: "/home",
    pid: 42,
    because: { seq: 3, kind: "tool.start", source: "hook", at: 5_000, rule: "permission.requested" },
  });
});

test("leaves out on the wire what is not known", () => {
  const json = JSON.parse(JSON.stringify(describeSession(newSession(EVENT, 90_000))));
  assert.equal(Object.keys(json), ["id", "state", "pose", "since", "startedAt", "because"]);
});

test("shows readers without the scope a session's id, agent, state, pose and since, and the aggregate without its reason", () => {
  const bare = bareSession(describeSession(SESSION));
  assert.equal(bare, { id: "s", agent: "claude-code", state: "waiting", pose: "review", since: 6_000 });
  assert.equal(Object.keys(bareSession(describeSession({ ...SESSION, agent: undefined }))), ["id", "state", "pose", "since"]);
  const state = describeState(emptyAggregate(), 6_000, { ...SESSION.because, sessionId: "s" });
  assert.equal(Object.keys(bareState(state)), ["state", "pose", "since", "counts"]);
});

test("shows every state with its pose", () => {
  for (const state of DEFAULT_ORDER) assert.is(describeSession({ ...SESSION, state }).pose, STATES[state].pose);
});

test("tells changes that every reader may know from those of details and from none", () => {
  const changes = {
    state: [{ state: "idle" }, { since: 7_000 }, { agent: "codex" }, { agent: undefined }, { state: "idle", title: "other" }],
    details: [{ tool: "Read" }, { activity: "" }, { title: undefined }, { cwd: "/" }, { pid: 43 }, { startedAt: 1 }],
    same: [{}, { lastEventAt: 9_000, lastSeq: 9, lastKind: "tool.end" }, { deadline: 1, forgetAt: 1, turn: "open" }],
  } as const;
  for (const [difference, ways] of Object.entries(changes)) {
    for (const way of ways) assert.is(compareSessions(SESSION, { ...SESSION, ...way }), difference, JSON.stringify(way));
  }
  assert.is(compareSessions(undefined, SESSION), "state");
});

test("what differs on the wire differs in the comparison", () => {
  for (
    const [field, value] of Object.entries({ agent: "x", title: "x", cwd: "x", activity: "x", tool: "x", pid: 1, startedAt: 1 })
  ) {
    const other = { ...SESSION, [field]: value };
    assert.not.equal(describeSession(other), describeSession(SESSION), field);
    assert.is.not(compareSessions(SESSION, other), "same", field);
  }
});

test("shows the aggregate with its pose, its counts and its reason", () => {
  const aggregate = moveSession(moveSession(emptyAggregate(), undefined, "waiting"), undefined, "idle");
  const cause = { ...SESSION.because, sessionId: "s" };
  assert.equal(describeState(aggregate, 6_000, cause), {
    state: "waiting",
    pose: "review",
    since: 6_000,
    counts: { failed: 0, waiting: 1, prompted: 0, starting: 0, ending: 0, done: 0, working: 0, unknown: 0, idle: 1 },
    because: cause,
  });
});

test("shows no reason on the wire before the first event", () => {
  const json = JSON.parse(JSON.stringify(describeState(emptyAggregate(), 6_000, undefined)));
  assert.equal(Object.keys(json), ["state", "pose", "since", "counts"]);
  assert.is(json.state, "idle");
});

test.run();
