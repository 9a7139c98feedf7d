/** What every store promises, whatever it keeps its messages in. @module */

import fc from "fast-check";
import { suite, type Test } from "uvu";
import * as assert from "uvu/assert";
import type { Store } from "../../src/ports/store.ts";
import { Message } from "../../src/protocol/message.ts";
import { messageAt, messagesFrom, seqsOf } from "../support/messages.ts";

/** How much a store of the contract keeps: the first limit that is hit wins. */
export interface StoreLimits {
  readonly items: number;
  readonly bytes: number;
}

/** Makes a store that is empty and keeps as much as it is told. */
export type MakeStore = (limits: StoreLimits) => Store | Promise<Store>;

/** Enough for all that a test appends. */
export const AMPLE: StoreLimits = { items: 1_000, bytes: 1_000_000 };

/** A suite of all promises, to which a store's own tests may be added before it is run. */
export function storeContract(name: string, makeStore: MakeStore): Test {
  const test = suite(name);
  testKeeping(test, makeStore);
  testReading(test, makeStore);
  testRefusals(test, makeStore);
  testEviction(test, makeStore);
  testAgainstModel(test, makeStore);
  return test;
}

/** Asserts that `append` is refused, at once or later, and leaves everything as it was. */
async function assertRefused(store: Store, messages: readonly Message[]): Promise<void> {
  const before = { bounds: store.bounds(), kept: seqsOf(store.read(0, 1_000)) };
  let isRefused = false;
  try {
    await store.append(messages);
  } catch {
    isRefused = true;
  }
  assert.ok(isRefused, `${seqsOf(messages)} was taken after ${before.bounds.head}`);
  assert.equal({ bounds: store.bounds(), kept: seqsOf(store.read(0, 1_000)) }, before);
}

function testKeeping(test: Test, makeStore: MakeStore): void {
  test("begins empty, with an epoch", async () => {
    const store = await makeStore(AMPLE);
    const { epoch, head, oldest } = store.bounds();
    assert.match(epoch, /^[A-Za-z0-9]{8,10}$/);
    assert.equal([head, oldest], [0, 1]);
    assert.equal(store.read(0, 10), []);
  });

  test("keeps messages in the order in which they were appended, in however many pieces", async () => {
    const store = await makeStore(AMPLE);
    await store.append(messagesFrom(1, 3));
    await store.append([]);
    await store.append(messagesFrom(4, 4));
    assert.equal(seqsOf(store.read(0, 10)), [1, 2, 3, 4]);
    const { head, oldest } = store.bounds();
    assert.equal([head, oldest], [4, 1]);
  });

  test("gives messages back as they were", async () => {
    const store = await makeStore(AMPLE);
    const sent = [
      new Message(1, { type: "pet", data: { slug: "cat\u2028\0 😀" } }),
      messageAt(2, 30),
      new Message(3, { type: "session.gone", data: { id: "s", reason: "silent" } }, "s"),
    ];
    await store.append(sent);
    const shown = ({ seq, key, sessionId, detailsOnly, body }: Message) => ({
      seq,
      key,
      sessionId,
      detailsOnly,
      type: body.type,
    });
    const kept = store.read(0, 10);
    assert.equal(kept.map(shown), sent.map(shown));
    for (const view of ["full", "bare"] as const) {
      assert.equal(kept.map((message) => message.json(view)), sent.map((message) => message.json(view)));
    }
  });

  test("keeps its epoch, whatever is appended", async () => {
    const store = await makeStore({ items: 2, bytes: 1_000_000 });
    const { epoch } = store.bounds();
    await store.append(messagesFrom(1, 9));
    assert.is(store.bounds().epoch, epoch);
  });

  test("can be closed", async () => {
    const store = await makeStore(AMPLE);
    await store.append(messagesFrom(1, 2));
    assert.is(await store.close(), undefined);
  });
}

function testReading(test: Test, makeStore: MakeStore): void {
  test("reads what follows a place, at most as much as is asked for", async () => {
    const store = await makeStore(AMPLE);
    await store.append(messagesFrom(1, 6));
    const read = (seq: number, limit: number) => seqsOf(store.read(seq, limit));
    assert.equal(read(2, 3), [3, 4, 5]);
    assert.equal(read(4, 2), [5, 6]);
    assert.equal(read(4, 3), [5, 6]);
    assert.equal(read(5, 1), [6]);
    assert.equal(read(0, 1), [1]);
    assert.equal(read(0, 0), []);
  });

  test("has nothing to read after the newest message", async () => {
    const store = await makeStore(AMPLE);
    await store.append(messagesFrom(1, 6));
    for (const seq of [6, 7, 1_000, Number.MAX_SAFE_INTEGER]) assert.equal(store.read(seq, 10), []);
  });

  test("leaves out what is no longer kept", async () => {
    const store = await makeStore({ items: 3, bytes: 1_000_000 });
    await store.append(messagesFrom(1, 8));
    for (const seq of [0, 1, 4, 5]) assert.equal(seqsOf(store.read(seq, 10)), [6, 7, 8]);
    assert.equal(seqsOf(store.read(0, 2)), [6, 7]);
    assert.equal(seqsOf(store.read(6, 10)), [7, 8]);
  });

  test("does not change what was read before", async () => {
    const store = await makeStore({ items: 2, bytes: 1_000_000 });
    await store.append(messagesFrom(1, 2));
    const before = store.read(0, 10);
    await store.append(messagesFrom(3, 4));
    assert.equal(seqsOf(before), [1, 2]);
  });
}

function testRefusals(test: Test, makeStore: MakeStore): void {
  test("refuses messages that do not follow the newest one", async () => {
    const store = await makeStore(AMPLE);
    for (const seq of [0, 2, 5, -1, 1.5, Number.NaN]) await assertRefused(store, [messageAt(seq)]);
    await store.append(messagesFrom(1, 3));
    for (const seq of [1, 3, 5]) await assertRefused(store, [messageAt(seq)]);
    await store.append(messagesFrom(4, 4));
    assert.equal(seqsOf(store.read(0, 10)), [1, 2, 3, 4]);
  });

  test("takes all messages or none", async () => {
    const store = await makeStore({ items: 4, bytes: 1_000_000 });
    await store.append(messagesFrom(1, 4));
    for (const seqs of [[5, 7], [5, 5], [5, 6, 6], [6, 5], [5, 4]]) {
      await assertRefused(
        store,
        seqs.map((seq) => messageAt(seq)),
      );
    }
    assert.equal(seqsOf(store.read(0, 10)), [1, 2, 3, 4]);
  });
}

function testEviction(test: Test, makeStore: MakeStore): void {
  test("keeps as many of the newest messages as it may", async () => {
    const store = await makeStore({ items: 3, bytes: 1_000_000 });
    await store.append(messagesFrom(1, 3));
    assert.is(store.bounds().oldest, 1);
    for (const seq of [4, 5, 6, 7]) {
      await store.append([messageAt(seq)]);
      assert.equal(seqsOf(store.read(0, 10)), [seq - 2, seq - 1, seq]);
      assert.equal([store.bounds().oldest, store.bounds().head], [seq - 2, seq]);
    }
  });

  test("keeps as many bytes of the newest messages as it may", async () => {
    const weight = messageAt(1, 1_000).bytes;
    const store = await makeStore({ items: 1_000, bytes: 3 * weight });
    for (let seq = 1; seq <= 3; seq += 1) await store.append([messageAt(seq, 1_000)]);
    assert.is(store.bounds().oldest, 1);
    await store.append([messageAt(4, 1_001)]);
    assert.equal(seqsOf(store.read(0, 10)), [3, 4]);
    assert.equal([store.bounds().oldest, store.bounds().head], [3, 4]);
  });

  test("lets one message that weighs more make room for itself", async () => {
    const store = await makeStore({ items: 1_000, bytes: 5 * messageAt(1).bytes });
    await store.append(messagesFrom(1, 5));
    await store.append([messageAt(6, 100_000)]);
    assert.equal(seqsOf(store.read(0, 10)), [6]);
    await store.append([messageAt(7)]);
    assert.equal(seqsOf(store.read(0, 10)), [7]);
  });

  test("always keeps the newest message, however little it may keep", async () => {
    const store = await makeStore({ items: 1, bytes: 1 });
    for (const seq of [1, 2, 3]) {
      await store.append([messageAt(seq, 1_000)]);
      assert.equal(seqsOf(store.read(0, 10)), [seq]);
      assert.equal([store.bounds().oldest, store.bounds().head], [seq, seq]);
    }
  });

  test("keeps the newest messages of a piece that is larger than all it may keep", async () => {
    const store = await makeStore({ items: 4, bytes: 1_000_000 });
    await store.append(messagesFrom(1, 50));
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
          await store.append(piece);
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
