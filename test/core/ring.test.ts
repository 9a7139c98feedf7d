import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Ring } from "../../src/core/ring.ts";

/** A ring of texts, each of which weighs as much as it is long. */
const ringOf = (items: number, bytes: number): Ring<string> => new Ring({ items, bytes }, (text) => text.length);

/** A ring of 4 with these texts. */
function filled(...texts: string[]): Ring<string> {
  const ring = ringOf(4, 1_000);
  for (const text of texts) ring.push(text);
  return ring;
}

test("begins empty", () => {
  const ring = ringOf(3, 10);
  assert.equal([ring.length, ring.bytes, ring.at(0), ring.slice(0)], [0, 0, undefined, []]);
});

test("refuses limits that are no positive numbers", () => {
  for (const limit of [0, -1, Number.NaN]) {
    assert.throws(() => ringOf(limit, 10), (error: unknown) => error instanceof RangeError, `${limit} items`);
    assert.throws(() => ringOf(10, limit), (error: unknown) => error instanceof RangeError, `${limit} bytes`);
  }
  for (const items of [1.5, Number.POSITIVE_INFINITY]) assert.throws(() => ringOf(items, 10), /Cannot make a ring of/);
});

test("keeps the newest items, oldest first", () => {
  const ring = filled("a", "b", "c", "d", "e", "f");
  assert.equal(ring.slice(0), ["c", "d", "e", "f"]);
  assert.equal([ring.length, ring.bytes], [4, 4]);
});

test("lets the oldest items go until the bytes fit", () => {
  const ring = ringOf(10, 6);
  for (const text of ["aa", "bb", "cc"]) ring.push(text);
  assert.equal(ring.slice(0), ["aa", "bb", "cc"]);
  ring.push("d");
  assert.equal(ring.slice(0), ["bb", "cc", "d"]);
  ring.push("eeeee");
  assert.equal([ring.slice(0), ring.bytes], [["d", "eeeee"], 6]);
});

test("always keeps the newest item, however large", () => {
  const ring = ringOf(10, 3);
  for (const text of ["a", "bbbbbbbbb"]) ring.push(text);
  assert.equal([ring.slice(0), ring.bytes], [["bbbbbbbbb"], 9]);
  ring.push("c");
  assert.equal([ring.slice(0), ring.bytes], [["c"], 1]);
});

test("weighs an item when it comes, not when it goes", () => {
  const ring = new Ring<{ size: number }>({ items: 2, bytes: 10 }, (item) => item.size);
  const item = { size: 4 };
  ring.push(item);
  item.size = 100;
  ring.push({ size: 1 });
  ring.push({ size: 1 });
  assert.equal([ring.length, ring.bytes], [2, 2]);
});

test("finds an item by its place, and none outside", () => {
  const ring = filled("a", "b", "c", "d", "e");
  assert.equal([0, 3].map((index) => ring.at(index)), ["b", "e"]);
  for (const index of [-1, 4, 100]) assert.is(ring.at(index), undefined);
});

test("gives a part of itself, from and up to where it goes", () => {
  const ring = filled("a", "b", "c", "d", "e");
  assert.equal(ring.slice(1, 2), ["c", "d"]);
  assert.equal(ring.slice(2), ["d", "e"]);
  assert.equal(ring.slice(2, 100), ["d", "e"]);
  assert.equal(ring.slice(-3, 2), ["b", "c"]);
  for (const [index, limit] of [[0, 0], [4, 1], [9, 9], [1, -1]] as const) assert.equal(ring.slice(index, limit), []);
});

test("does not change a part that it has given", () => {
  const ring = filled("a", "b");
  const part = ring.slice(0);
  ring.push("c");
  assert.equal(part, ["a", "b"]);
});

test("does as a plain list would, whatever is pushed", () => {
  const pushes = fc.array(fc.string({ maxLength: 8 }), { maxLength: 60 });
  const limits = fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 20 }));
  fc.assert(fc.property(limits, pushes, fc.integer({ min: -3, max: 9 }), fc.nat(9), ([items, bytes], texts, from, limit) => {
    const ring = ringOf(items, bytes);
    let list: string[] = [];
    for (const text of texts) {
      ring.push(text);
      list = [...list, text].slice(-items);
      while (list.length > 1 && list.join("").length > bytes) list = list.slice(1);
      assert.equal([ring.slice(0), ring.length, ring.bytes], [list, list.length, list.join("").length]);
      const start = Math.max(0, from);
      assert.equal(ring.slice(from, limit), list.slice(start, start + limit));
      assert.is(ring.at(limit), list[limit]);
    }
  }));
});

test.run();
