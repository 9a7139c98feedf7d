/** What a store promises that keeps as many messages as it is told, and not one more. @module */

import fc from "fast-check";
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import type { Message } from "../../src/protocol/message.ts";
import { commitOf, messageAt, messagesFrom, seqsOf } from "../support/messages.ts";
import type { MakeStore } from "./store.ts";

/** Adds the tests of exact limits to a store's suite. */
export function addExactLimits(test: Test, makeStore: MakeStore): void {
  testEviction(test, makeStore);
  testReading(test, makeStore);
  testAgainstModel(test, makeStore);
}

function testReading(test: Test, makeStore: MakeStore): void {
  test("leaves out what is no longer kept", async () => {
    const store = await makeStore({ items: 3, bytes: 1_000_000 });
    await store.append(commitOf(messagesFrom(1, 8)));
    for (const seq of [0, 1, 4, 5]) assert.equal(seqsOf(store.read(seq, 10)), [6, 7, 8]);
    assert.equal(seqsOf(store.read(0, 2)), [6, 7]);
    assert.equal(seqsOf(store.read(6, 10)), [7, 8]);
  });

  test("does not change what was read before", async () => {
    const store = await makeStore({ items: 2, bytes: 1_000_000 });
    await store.append(commitOf(messagesFrom(1, 2)));
    const before = store.read(0, 10);
    await store.append(commitOf(messagesFrom(3, 4)));
    assert.equal(seqsOf(before), [1, 2]);
  });
}

function testEviction(test: Test, makeStore: MakeStore): void {
  test("keeps as many of the newest messages as it may", async () => {
    const store = await makeStore({ items: 3, bytes: 1_000_000 });
    await store.append(commitOf(messagesFrom(1, 3)));
    assert.is(store.bounds().oldest, 1);
    for (const seq of [4, 5, 6, 7]) {
      await store.append(commitOf([messageAt(seq)]));
      assert.equal(seqsOf(store.read(0, 10)), [seq - 2, seq - 1, seq]);
      assert.equal([store.bounds().oldest, store.bounds().head], [seq - 2, seq]);
    }
  });

  test("keeps as many bytes of the newest messages as it may", async () => {
    const weight = messageAt(1, 1_000).bytes;
    const store = await makeStore({ items: 1_000, bytes: 3 * weight });
    for (let seq = 1; seq <= 3; seq += 1) await store.append(commitOf([messageAt(seq, 1_000)]));
    assert.is(store.bounds().oldest, 1);
    await store.append(commitOf([messageAt(4, 1_001)]));
    assert.equal(seqsOf(store.read(0, 10)), [3, 4]);
    assert.equal([store.bounds().oldest, store.bounds().head], [3, 4]);
  });

  test("lets one message that weighs more make room for itself", async () => {
    const store = await makeStore({ items: 1_000, bytes: 5 * messageAt(1).bytes });
    await store.append(commitOf(messagesFrom(1, 5)));
    await store.append(commitOf([messageAt(6, 100_000)]));
    assert.equal(seqsOf(store.read(0, 10)), [6]);
    await store.append(commitOf([messageAt(7)]));
    assert.equal(seqsOf(store.read(0, 10)), [7]);
  });

  test("always keeps the newest message, however little it may keep", async () => {
    const store = await makeStore({ items: 1, bytes: 1 });
    for (const seq of [1, 2, 3]) {
      await store.append(commitOf([messageAt(seq, 1_000)]));
      assert.equal(seqsOf(store.read(0, 10)), [seq]);
      assert.equal([store.bounds().oldest, store.bounds().head], [seq, seq]);
    }
  });

  test("keeps the newest messages of a piece that is larger than all it may keep", async () => {
    const store = await makeStore({ items: 4, bytes: 1_000_000 });
    await store.append(commitOf(messagesFrom(1, 50)));
    assert.equal(seqsOf(store.read(0, 100)), [47, 48, 49, 50]);
  });
}

function testAgainstModel(test: Test, makeStore: MakeStore): void {
  test("answers as a plain list would, whatever is appended and read", async () => {
    const pieces = fc.array(fc.array(fc.nat(200), { maxLength: 6 }), { maxLength: 8 });
    const reads = fc.array(fc.tuple(fc.nat(60), fc.nat(10)), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.nat(6_000), pieces, reads, async (items, bytes, pieces, reads) => {
        const limits = { items, bytes: bytes + 1 };
        const store = await makeStore(limits);
        let kept: Message[] = [];
        let head = 0;
        for (const sizes of pieces) {
          const piece = sizes.map((size, index) => messageAt(head + 1 + index, size));
          await store.append(commitOf(piece));
          head += piece.length;
          for (const message of piece) {
            kept = [...kept, message].slice(-items);
            const weight = () => kept.reduce((sum, each) => sum + each.bytes, 0);
            while (weight() > limits.bytes && kept.length > 1) kept = kept.slice(1);
          }
          assert.equal([store.bounds().oldest, store.bounds().head], [head - kept.length + 1, head]);
          for (const [seq, limit] of reads) {
            const expected = kept.filter((message) => message.seq > seq).slice(0, limit);
            assert.equal(seqsOf(store.read(seq, limit)), seqsOf(expected));
          }
        }
        await store.close();
      }),
    );
  });
}
