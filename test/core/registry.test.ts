import { test } from "uvu";
import * as assert from "uvu/assert";
import { Registry } from "../../src/core/registry.ts";
import { newSession, type Session } from "../../src/core/session.ts";
import type { State } from "../../src/core/states.ts";
import { stamped, WALL } from "../support/events.ts";

const session = (id: string, state: State, { deadline = 1_000, since = 0 } = {}): Session => ({
  ...newSession(stamped("session.update", { sessionId: id }), 1_000),
  state,
  deadline,
  since: WALL + since,
});

const idsOf = (sessions: Iterable<Session>) => [...sessions].map(({ id }) => id);

test("sessions are found by id and told in the order in which they were first seen", () => {
  const registry = new Registry();
  for (const id of ["b", "a", "c"]) registry.put(session(id, "idle"));
  registry.put(session("b", "working"));
  assert.equal(idsOf(registry.sessions()), ["b", "a", "c"]);
  assert.is(registry.get("b")?.state, "working");
  assert.is(registry.get("x"), undefined);
  assert.is(registry.size, 3);
});

test("a session that was removed is gone from everywhere; removing it again does nothing", () => {
  const registry = new Registry();
  registry.put(session("a", "idle"));
  registry.remove("a");
  registry.remove("a");
  assert.equal([registry.size, registry.get("a"), registry.nextAt()], [0, undefined, undefined]);
  assert.equal([idsOf(registry.sessions()), [...registry.quietIds()], registry.takeDue(5_000, 9)], [[], [], []]);
});

test("a session that comes back is told last", () => {
  const registry = new Registry();
  for (const id of ["a", "b"]) registry.put(session(id, "idle"));
  registry.remove("a");
  registry.put(session("a", "idle"));
  assert.equal(idsOf(registry.sessions()), ["b", "a"]);
  assert.equal([...registry.quietIds()], ["b", "a"]);
});

test("only idle and unknown sessions are quiet", () => {
  const registry = new Registry();
  const states = ["failed", "waiting", "prompted", "starting", "ending", "done", "working", "unknown", "idle"] as const;
  for (const state of states) registry.put(session(state, state));
  assert.equal([...registry.quietIds()], ["unknown", "idle"]);
});

test("the session that has been quiet for longest comes first", () => {
  const registry = new Registry();
  for (const [index, id] of ["a", "b", "c"].entries()) registry.put(session(id, "idle", { since: index }));
  registry.put(session("a", "working", { since: 10 }));
  assert.equal([...registry.quietIds()], ["b", "c"]);
  registry.put(session("a", "unknown", { since: 20 }));
  assert.equal([...registry.quietIds()], ["b", "c", "a"]);
});

test("a quiet session of which only details change keeps its place", () => {
  const registry = new Registry();
  for (const id of ["a", "b"]) registry.put(session(id, "idle"));
  registry.put({ ...session("a", "idle"), title: "New" });
  assert.equal([...registry.quietIds()], ["a", "b"]);
});

test("a session that worked and is quiet again by the next put goes to the end", () => {
  const registry = new Registry();
  for (const id of ["a", "b"]) registry.put(session(id, "idle"));
  registry.put(session("a", "idle", { since: 50 }));
  assert.equal([...registry.quietIds()], ["b", "a"]);
});

test("due sessions come in the order of their deadlines, at most as many as asked for, and once", () => {
  const registry = new Registry();
  for (const [id, deadline] of [["c", 30], ["a", 10], ["b", 20], ["d", 99]] as const) {
    registry.put(session(id, "working", { deadline }));
  }
  assert.is(registry.nextAt(), 10);
  assert.equal(idsOf(registry.takeDue(50, 2)), ["a", "b"]);
  assert.equal(idsOf(registry.takeDue(50, 2)), ["c"]);
  assert.equal(idsOf(registry.takeDue(50, 2)), []);
  assert.is(registry.size, 4);
});

test("a session that was due and is put again is due again at its new deadline", () => {
  const registry = new Registry();
  registry.put(session("a", "working", { deadline: 10 }));
  registry.takeDue(10, 1);
  registry.put(session("a", "idle", { deadline: 20 }));
  assert.equal(idsOf(registry.takeDue(19, 1)), []);
  assert.equal(idsOf(registry.takeDue(20, 1)), ["a"]);
});

test.run();
