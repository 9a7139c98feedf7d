import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Aggregate, emptyAggregate, moveSession } from "../../src/core/aggregate.ts";
import { DEFAULT_ORDER, type State } from "../../src/core/states.ts";

const anyState = fc.constantFrom(...DEFAULT_ORDER);
const anyOrder = fc.shuffledSubarray([...DEFAULT_ORDER], { minLength: DEFAULT_ORDER.length });

/** Counts by looking at every session. */
function recount(states: readonly (State | undefined)[], order: readonly State[]): Aggregate {
  const counts = { ...emptyAggregate().counts };
  for (const state of states) if (state !== undefined) counts[state] += 1;
  return { counts, state: order.find((state) => counts[state] > 0) ?? "idle", order };
}

test("after any moves the counts are those of a recount, and the strongest state wins", () => {
  const anyMove = fc.record({ session: fc.nat(9), to: fc.option(anyState, { nil: undefined }) });
  fc.assert(fc.property(anyOrder, fc.array(anyMove, { maxLength: 60 }), (order, moves) => {
    const states: (State | undefined)[] = Array.from({ length: 10 }, () => undefined);
    let aggregate = emptyAggregate(order);
    for (const { session, to } of moves) {
      aggregate = moveSession(aggregate, states[session], to);
      states[session] = to;
      assert.equal(aggregate, recount(states, order));
    }
  }));
});

test("the aggregate depends on how many sessions are in each state, not on how they came there", () => {
  fc.assert(fc.property(fc.array(anyState), fc.array(anyState), fc.infiniteStream(fc.nat()), (states, detours, random) => {
    const straight = states.reduce((aggregate, state) => moveSession(aggregate, undefined, state), emptyAggregate());
    const rest = [...states];
    let winding = detours.reduce((aggregate, state) => moveSession(aggregate, undefined, state), emptyAggregate());
    while (rest.length > 0) {
      const [state] = rest.splice((random.next().value ?? 0) % rest.length, 1);
      winding = moveSession(winding, detours.pop(), state);
    }
    winding = detours.reduce((aggregate, state) => moveSession(aggregate, state, undefined), winding);
    assert.equal(winding, straight);
  }));
});

test.run();
