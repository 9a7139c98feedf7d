import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Deadlines, type Timed } from "../../src/core/deadlines.ts";
import { Registry } from "../../src/core/registry.ts";
import { newSession } from "../../src/core/session.ts";
import { stamped, WALL } from "../support/events.ts";

const ITEMS = 40;

const anyDeed = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant("set"), item: fc.nat(ITEMS - 1), ms: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("remove"), item: fc.nat(ITEMS - 1), ms: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("pass"), item: fc.constant(0), ms: fc.nat(60) }) },
);

class Item implements Timed {
  deadline = 0;
  filedAt = 0;
  place = -1;
}

/** All that is due in a plain map, earliest first; the map forgets it. */
function takeNaively(deadlines: Map<Item, number>, now: number): number[] {
  const due = [...deadlines].filter(([, at]) => at <= now);
  for (const [item] of due) deadlines.delete(item);
  return due.map(([, at]) => at).toSorted((a, b) => a - b);
}

test("deadlines are due in order and once, however they moved, like those of a naive model", () => {
  fc.assert(
    fc.property(fc.array(anyDeed, { maxLength: 300, size: "max" }), (deeds) => {
      const items = Array.from({ length: ITEMS }, () => new Item());
      const deadlines = new Deadlines<Item>();
      const naive = new Map<Item, number>();
      let now = 0;
      for (const { type, item, ms } of deeds) {
        const chosen = items[item];
        if (chosen === undefined) continue;
        if (type === "set") {
          deadlines.set(chosen, now + ms);
          naive.set(chosen, now + ms);
        } else if (type === "remove") {
          deadlines.remove(chosen);
          naive.delete(chosen);
        } else {
          now += ms;
          const taken: number[] = [];
          for (let due = deadlines.takeDue(now); due !== undefined; due = deadlines.takeDue(now)) {
            assert.is(naive.get(due), due.deadline);
            taken.push(due.deadline);
          }
          assert.equal(taken, takeNaively(naive, now));
        }
        assert.is(deadlines.size, naive.size);
        assert.ok((deadlines.nextAt() ?? Infinity) <= Math.min(...naive.values()));
        assert.is(deadlines.nextAt() === undefined, naive.size === 0);
      }
    }),
    { numRuns: 500 },
  );
});

test("the registry's quiet sessions are in the order in which they fell quiet, like those of a naive model", () => {
  const anyPut = fc.record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    put: fc.constantFrom("idle", "unknown", "working", "gone"),
  });
  fc.assert(
    fc.property(fc.array(anyPut, { maxLength: 60 }), (puts) => {
      const registry = new Registry();
      const seen: string[] = [];
      let quiet: { id: string; state: string; since: number }[] = [];
      for (const [time, { id, put }] of puts.entries()) {
        const before = registry.get(id);
        const without = quiet.filter((each) => each.id !== id);
        if (put === "gone") {
          registry.remove(id);
          quiet = without;
          if (seen.includes(id)) seen.splice(seen.indexOf(id), 1);
          continue;
        }
        const since = before?.state === put ? before.since : WALL + time;
        registry.put({ ...newSession(stamped("session.update", { sessionId: id }), 1_000), state: put, since });
        if (!seen.includes(id)) seen.push(id);
        if (put === "working") quiet = without;
        else if (!quiet.some((each) => each.id === id && each.since === since)) quiet = [...without, { id, state: put, since }];
        assert.equal([...registry.quietIds()], quiet.map((each) => each.id));
        assert.equal([...registry.sessions()].map((each) => each.id), seen);
      }
    }),
    { numRuns: 300 },
  );
});

test.run();
