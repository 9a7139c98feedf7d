import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "../../src/core/bytes.ts";

test("joins chunks in their order", () => {
  const joined = concatBytes([new Uint8Array([1, 2]), new Uint8Array(), new Uint8Array([3])]);
  assert.equal([...joined], [1, 2, 3]);
});

test("makes no bytes of no chunks", () => {
  assert.equal([...concatBytes([])], []);
  assert.equal([...concatBytes([new Uint8Array(), new Uint8Array()])], []);
});

test("returns one chunk as it is, and copies several", () => {
  const chunk = new Uint8Array([1, 2]);
  assert.is(concatBytes([chunk]), chunk);
  const joined = concatBytes([chunk, new Uint8Array([3])]);
  chunk[0] = 9;
  assert.equal([...joined], [1, 2, 3]);
});

test("takes of a chunk only the part that it shows of its buffer", () => {
  const buffer = new Uint8Array([0, 1, 2, 3, 4]);
  assert.equal([...concatBytes([buffer.subarray(1, 3), buffer.subarray(4)])], [1, 2, 4]);
});

test("keeps every byte of any chunks", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
    assert.equal([...concatBytes(chunks)], chunks.flatMap((chunk) => [...chunk]));
  }));
});

test.run();
