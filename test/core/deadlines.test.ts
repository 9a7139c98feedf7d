import { test } from "uvu";
import * as assert from "uvu/assert";
import { Deadlines, type Timed } from "../../src/core/deadlines.ts";

interface Item extends Timed {
  readonly name: string;
}

const item = (name: string): Item => ({ name, deadline: 0, filedAt: 0, place: -1 });

const takeAll = (deadlines: Deadlines<Item>, now: number): string[] => {
  const names: string[] = [];
  for (let due = deadlines.takeDue(now); due !== undefined; due = deadlines.takeDue(now)) names.push(due.name);
  return names;
};

test("items are due in the order of their deadlines, each once, and not before", () => {
  const deadlines = new Deadlines<Item>();
  for (const [name, deadline] of [["c", 30], ["a", 10], ["d", 40], ["b", 20]] as const) deadlines.set(item(name), deadline);
  assert.is(deadlines.size, 4);
  assert.equal(takeAll(deadlines, 9), []);
  assert.equal(takeAll(deadlines, 30), ["a", "b", "c"]);
  assert.equal(takeAll(deadlines, 30), []);
  assert.is(deadlines.size, 1);
  assert.equal(takeAll(deadlines, 40), ["d"]);
});

test("without items there is no next time", () => {
  const deadlines = new Deadlines<Item>();
  assert.is(deadlines.nextAt(), undefined);
  assert.is(deadlines.takeDue(1e9), undefined);
});

test("a deadline that moved later is due at its new time only", () => {
  const deadlines = new Deadlines<Item>();
  const moved = item("moved");
  deadlines.set(moved, 10);
  deadlines.set(item("other"), 15);
  deadlines.set(moved, 20);
  assert.is(deadlines.size, 2);
  assert.equal(takeAll(deadlines, 19), ["other"]);
  assert.equal(takeAll(deadlines, 20), ["moved"]);
});

test("a deadline that moved earlier is due at its new time", () => {
  const deadlines = new Deadlines<Item>();
  const moved = item("moved");
  deadlines.set(item("other"), 10);
  deadlines.set(moved, 20);
  deadlines.set(moved, 5);
  assert.is(deadlines.nextAt(), 5);
  assert.equal(takeAll(deadlines, 10), ["moved", "other"]);
});

test("a deadline that moved later and back is due at the last time that was set", () => {
  const deadlines = new Deadlines<Item>();
  const moved = item("moved");
  deadlines.set(moved, 10);
  deadlines.set(moved, 30);
  deadlines.set(moved, 15);
  assert.equal(takeAll(deadlines, 14), []);
  assert.equal(takeAll(deadlines, 15), ["moved"]);
  assert.equal(takeAll(deadlines, 30), []);
});

test("the next time is never later than the first deadline", () => {
  const deadlines = new Deadlines<Item>();
  const moved = item("moved");
  deadlines.set(moved, 10);
  deadlines.set(moved, 30);
  assert.ok((deadlines.nextAt() ?? Infinity) <= 30);
  assert.equal(takeAll(deadlines, 10), []);
  assert.is(deadlines.nextAt(), 30);
});

test("an item that was taken out is not due, and can be taken out again or put back", () => {
  const deadlines = new Deadlines<Item>();
  const items = ["a", "b", "c", "d", "e"].map(item);
  for (const [index, each] of items.entries()) deadlines.set(each, index);
  const [first, , third] = items;
  if (first === undefined || third === undefined) throw new Error("no items");
  deadlines.remove(third);
  deadlines.remove(third);
  deadlines.remove(first);
  assert.equal([deadlines.size, third.place], [3, -1]);
  deadlines.set(first, 3);
  assert.equal(takeAll(deadlines, 10).sort(), ["a", "b", "d", "e"]);
});

test.run();
