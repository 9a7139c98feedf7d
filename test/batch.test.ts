import { test } from "uvu";
import * as assert from "uvu/assert";
import { Batch, type BatchBase } from "../src/batch.ts";
import { emptyAggregate, moveSession } from "../src/core/aggregate.ts";
import { Registry } from "../src/core/registry.ts";
import { newSession, type Session } from "../src/core/session.ts";
import { DEFAULT_TIMINGS, type State } from "../src/core/states.ts";
import { UnavailableError } from "../src/errors.ts";
import { describeState } from "../src/protocol/describe.ts";
import type { Message } from "../src/protocol/message.ts";
import { agentEvent, stamped, WALL } from "./support/events.ts";

const HEAD = 10;
const NOW = 5_000;

/** A base whose sessions show the given states. */
function baseOf(states: Readonly<Record<string, State>> = {}, changes: Partial<BatchBase> = {}): BatchBase {
  const registry = new Registry();
  let aggregate = emptyAggregate();
  for (const [id, state] of Object.entries(states)) {
    const base = state === "working" ? { base: state, baseUntil: 30_000, deadline: 30_000 } : {};
    registry.put({ ...newSession(stamped("session.update", { sessionId: id }), 80_000_000), state, ...base });
    aggregate = moveSession(aggregate, undefined, state);
  }
  const stateData = describeState(aggregate, WALL, undefined);
  const at = WALL + NOW;
  const receipt = () => undefined;
  return {
    registry,
    aggregate,
    stateData,
    head: HEAD,
    now: NOW,
    at,
    timings: DEFAULT_TIMINGS,
    maxSessions: 3,
    receipt,
    ...changes,
  };
}

const changedIn = (batch: Batch, id: string) => [...batch.sessions].find((session) => session.id === id);

const told = (messages: readonly Message[]) => messages.map(({ seq, body }) => `${seq} ${body.type}`);
const take = (batch: Batch, kind: Parameters<typeof agentEvent>[0], sessionId: string) =>
  batch.take(agentEvent(kind, { sessionId }), false);

const sessionIn = (base: BatchBase, id: string): Session => {
  const session = base.registry.get(id);
  if (session === undefined) throw new Error(`No session ${id}`);
  return session;
};

test("an event brings, in this order: itself, its session, the aggregate, numbered without a gap", () => {
  const batch = new Batch(baseOf());
  assert.is(take(batch, "tool.start", "a"), 11);
  assert.equal(told(batch.messages), ["11 event", "12 session", "13 state"]);
  assert.equal(batch.messages.map(({ sessionId }) => sessionId), ["a", "a", undefined]);
  assert.is(batch.aggregate.state, "working");
});

test("an event is stamped with its place and the broker's wall clock, never with the client's", () => {
  const batch = new Batch(baseOf());
  batch.take(agentEvent("tool.start", { occurredAt: 7 }), false);
  const [message] = batch.messages;
  if (message?.body.type !== "event") throw new Error("no event");
  const { seq, receivedAt, occurredAt } = message.body.data;
  assert.equal([seq, receivedAt, occurredAt], [11, WALL + NOW, 7]);
});

test("an event that changes nothing that shows brings only itself", () => {
  const batch = new Batch(baseOf({ a: "working" }));
  take(batch, "tool.start", "a");
  assert.equal(told(batch.messages), ["11 event"]);
  assert.is(changedIn(batch, "a")?.lastSeq, 11);
});

test("a change of details alone is marked as such and moves no count", () => {
  const batch = new Batch(baseOf({ a: "working" }));
  batch.take(agentEvent("session.update", { sessionId: "a", title: "T" }), false);
  assert.equal(told(batch.messages), ["11 event", "12 session"]);
  assert.is(batch.messages[1]?.detailsOnly, true);
});

test("each event of a batch sees those before it", () => {
  const batch = new Batch(baseOf());
  const kinds = ["tool.start", "tool.end", "session.end"] as const;
  const seqs = kinds.map((kind) => take(batch, kind, "a"));
  assert.equal(seqs, [11, 14, 15]);
  assert.equal(told(batch.messages), ["11 event", "12 session", "13 state", "14 event", "15 event", "16 session", "17 state"]);
  assert.is(changedIn(batch, "a")?.state, "ending");
});

test("nothing of the base is changed", () => {
  const base = baseOf({ a: "idle", b: "idle", c: "working" });
  const before = [...base.registry.sessions()];
  const batch = new Batch(base);
  take(batch, "tool.start", "a");
  take(batch, "session.end", "c");
  take(batch, "session.start", "new");
  batch.switchPet("cat");
  assert.equal([...base.registry.sessions()], before);
  assert.equal([base.aggregate.counts.idle, base.aggregate.counts.working], [2, 1]);
});

test("the aggregate's since and because change with its state, and not with its counts alone", () => {
  const batch = new Batch(baseOf());
  take(batch, "tool.start", "a");
  const first = batch.stateData;
  assert.equal([first.since, first.because?.sessionId, first.because?.seq], [WALL + NOW, "a", 11]);
  take(batch, "tool.start", "b");
  assert.is(batch.stateData.counts.working, 2);
  assert.equal(batch.stateData.because, first.because);
});

test("time that acts on a session brings the session and the aggregate", () => {
  const base = baseOf({ a: "working" }, { now: 30_000 });
  const batch = new Batch(base);
  batch.expire(sessionIn(base, "a"));
  assert.equal(told(batch.messages), ["11 session", "12 state"]);
  assert.is(changedIn(batch, "a")?.state, "unknown");
});

test("a session that is not due yet stays as it is", () => {
  const base = baseOf({ a: "working" });
  const batch = new Batch(base);
  batch.expire(sessionIn(base, "a"));
  assert.equal(told(batch.messages), []);
  assert.equal(changedIn(batch, "a"), sessionIn(base, "a"));
});

test("a session that is forgotten is told to be gone, and why", () => {
  const silent = baseOf({ a: "idle" }, { now: 80_000_000 });
  const batch = new Batch(silent);
  batch.expire(sessionIn(silent, "a"));
  assert.equal(batch.messages[0]?.body, { type: "session.gone", data: { id: "a", reason: "silent" } });
  assert.equal([batch.forgotten.has("a"), changedIn(batch, "a")], [true, undefined]);

  const ended = baseOf({}, { now: 8_000 });
  const begun = new Batch({ ...ended, now: NOW });
  take(begun, "session.end", "a");
  const ending = changedIn(begun, "a");
  if (ending === undefined) throw new Error("no session");
  const over = new Batch({ ...ended, aggregate: begun.aggregate });
  over.expire(ending);
  assert.equal(over.messages[0]?.body, { type: "session.gone", data: { id: "a", reason: "ended" } });
  assert.equal(over.aggregate, emptyAggregate());
});

test("the aggregate tells which session is gone, and by which rule time or the limit took it", () => {
  const silent = baseOf({ a: "idle" }, { now: 80_000_000 });
  const batch = new Batch({
    ...silent,
    aggregate: moveSession(moveSession(silent.aggregate, "idle", undefined), undefined, "failed"),
  });
  batch.expire({ ...sessionIn(silent, "a"), state: "failed" });
  const { state, because } = batch.stateData;
  assert.equal([state, because?.sessionId, because?.source, because?.rule, because?.at], [
    "idle",
    "a",
    "clock",
    "forgotten",
    silent.at,
  ]);
});

test("a pet is told even when it is the same", () => {
  const batch = new Batch(baseOf());
  batch.switchPet("cat");
  batch.switchPet("cat");
  assert.equal([told(batch.messages), batch.pet], [["11 pet", "12 pet"], "cat"]);
});

test("at the limit a new session takes the place of the one that has been quiet for longest", () => {
  const batch = new Batch(baseOf({ a: "working", b: "unknown", c: "idle" }));
  take(batch, "tool.start", "new");
  assert.equal(batch.messages.map(({ body }) => body.type), ["session.gone", "state", "event", "session", "state"]);
  assert.equal(batch.messages[0]?.body, { type: "session.gone", data: { id: "b", reason: "evicted" } });
  assert.equal([batch.aggregate.counts.unknown, batch.aggregate.counts.working], [0, 2]);
});

test("below the limit nobody is evicted, and a known session needs no room", () => {
  const below = new Batch(baseOf({ a: "idle", b: "idle" }));
  take(below, "tool.start", "c");
  assert.equal(told(below.messages), ["11 event", "12 session", "13 state"]);
  const known = new Batch(baseOf({ a: "idle", b: "idle", c: "idle" }));
  take(known, "tool.start", "c");
  assert.equal(told(known.messages), ["11 event", "12 session", "13 state"]);
});

test("several new sessions evict as many quiet ones, but none that this batch has touched", () => {
  const batch = new Batch(baseOf({ a: "idle", b: "idle", c: "idle" }));
  take(batch, "session.update", "a");
  take(batch, "tool.start", "x");
  take(batch, "tool.start", "y");
  const gone = batch.messages.flatMap(({ body }) => body.type === "session.gone" ? body.data.id : []);
  assert.equal(gone, ["b", "c"]);
  assert.throws(() => take(batch, "tool.start", "z"), (error: unknown) => error instanceof UnavailableError);
});

test("when all sessions are at work there is no room, and the error says what to do", () => {
  const batch = new Batch(baseOf({ a: "working", b: "working", c: "working" }));
  assert.throws(
    () => take(batch, "tool.start", "new"),
    (error: unknown) =>
      error instanceof UnavailableError && error.code === "too_many_sessions" && error.status === 503 &&
      error.retryAfter === 30 &&
      error.message.includes("3 sessions") && error.message.includes("--max-sessions"),
  );
});

test("a session that was evicted and comes back in the same batch begins anew", () => {
  const batch = new Batch(baseOf({ a: "idle", b: "idle", c: "idle" }));
  take(batch, "tool.start", "new");
  take(batch, "tool.start", "a");
  const gone = batch.messages.flatMap(({ body }) => body.type === "session.gone" ? body.data.id : []);
  assert.equal(gone, ["a", "b"]);
  assert.is(changedIn(batch, "a")?.startedAt, WALL + NOW);
});

test.run();
