import { test } from "uvu";
import * as assert from "uvu/assert";
import { activeSessions, emptyAggregate, moveSession } from "../../src/core/aggregate.ts";
import { DEFAULT_ORDER, type State } from "../../src/core/states.ts";

const of = (states: readonly State[], order?: readonly State[]) =>
  states.reduce((aggregate, state) => moveSession(aggregate, undefined, state), emptyAggregate(order));

test("without sessions everything is idle", () => {
  const aggregate = emptyAggregate();
  assert.is(aggregate.state, "idle");
  assert.equal(Object.keys(aggregate.counts).sort(), [...DEFAULT_ORDER].sort());
  assert.ok(Object.values(aggregate.counts).every((count) => count === 0));
  assert.equal(aggregate.order, DEFAULT_ORDER);
});

test("each state wins over all that come after it in the order", () => {
  for (const [index, state] of DEFAULT_ORDER.entries()) {
    for (const weaker of DEFAULT_ORDER.slice(index)) {
      assert.is(of([weaker, state]).state, state);
      assert.is(of([state, weaker]).state, state);
    }
  }
});

test("another order makes another state win", () => {
  const order = [...DEFAULT_ORDER].reverse();
  assert.is(of(["failed", "working", "unknown"], order).state, "unknown");
  assert.is(of([], order).state, "idle");
});

test("an order that does not name every state once is refused, and the error names it", () => {
  const wrong: (readonly State[])[] = [[], DEFAULT_ORDER.slice(1), [...DEFAULT_ORDER, "idle"], [
    ...DEFAULT_ORDER.slice(1),
    "idle",
  ]];
  for (const order of wrong) {
    assert.throws(
      () => emptyAggregate(order),
      (error: unknown) => error instanceof RangeError && error.message.includes("once"),
    );
  }
});

test("a session that moves leaves one count and joins another", () => {
  const before = of(["working", "working", "idle"]);
  const after = moveSession(before, "working", "failed");
  assert.equal([after.counts.working, after.counts.failed, after.counts.idle], [1, 1, 1]);
  assert.is(after.state, "failed");
  assert.equal([before.counts.working, before.counts.failed, before.state], [2, 0, "working"]);
});

test("a session that is forgotten is counted no more", () => {
  const gone = moveSession(of(["working"]), "working", undefined);
  assert.equal(gone, emptyAggregate());
});

test("where nothing moves, the aggregate is the same object", () => {
  const aggregate = of(["working"]);
  assert.is(moveSession(aggregate, "working", "working"), aggregate);
  assert.is(moveSession(aggregate, undefined, undefined), aggregate);
});

test("idle, unknown and ending sessions are not active", () => {
  assert.is(activeSessions(of(DEFAULT_ORDER).counts), 6);
  assert.is(activeSessions(of(["idle", "unknown", "ending"]).counts), 0);
});

test.run();
