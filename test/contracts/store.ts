/** What every store promises, whatever it keeps its messages in. @module */

import { suite, type Test } from "uvu";
import * as assert from "uvu/assert";
import type { Receipt, Store } from "../../src/ports/store.ts";
import { Message } from "../../src/protocol/message.ts";
import { commitOf, messageAt, messagesFrom, seqsOf } from "../support/messages.ts";

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
  testReceipts(test, makeStore);
  return test;
}

/** Asserts that `append` is refused, at once or later, and leaves everything as it was. */
async function assertRefused(store: Store, messages: readonly Message[], receipts: readonly Receipt[] = []): Promise<void> {
  const before = { bounds: store.bounds(), kept: seqsOf(store.read(0, 1_000)) };
  let isRefused = false;
  try {
    await store.append(commitOf(messages, { receipts }));
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
    await store.append(commitOf(messagesFrom(1, 3)));
    await store.append(commitOf([]));
    await store.append(commitOf(messagesFrom(4, 4)));
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
    await store.append(commitOf(sent));
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
    await store.append(commitOf(messagesFrom(1, 9)));
    assert.is(store.bounds().epoch, epoch);
  });

  test("can be closed", async () => {
    const store = await makeStore(AMPLE);
    await store.append(commitOf(messagesFrom(1, 2)));
    assert.is(await store.close(), undefined);
  });
}

function testReading(test: Test, makeStore: MakeStore): void {
  test("reads what follows a place, at most as much as is asked for", async () => {
    const store = await makeStore(AMPLE);
    await store.append(commitOf(messagesFrom(1, 6)));
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
    await store.append(commitOf(messagesFrom(1, 6)));
    for (const seq of [6, 7, 1_000, Number.MAX_SAFE_INTEGER]) assert.equal(store.read(seq, 10), []);
  });
}

function testRefusals(test: Test, makeStore: MakeStore): void {
  test("refuses messages that do not follow the newest one", async () => {
    const store = await makeStore(AMPLE);
    for (const seq of [0, 2, 5, -1, 1.5, Number.NaN]) await assertRefused(store, [messageAt(seq)]);
    await store.append(commitOf(messagesFrom(1, 3)));
    for (const seq of [1, 3, 5]) await assertRefused(store, [messageAt(seq)]);
    await store.append(commitOf(messagesFrom(4, 4)));
    assert.equal(seqsOf(store.read(0, 10)), [1, 2, 3, 4]);
  });

  test("takes all messages or none", async () => {
    const store = await makeStore({ items: 4, bytes: 1_000_000 });
    await store.append(commitOf(messagesFrom(1, 4)));
    for (const seqs of [[5, 7], [5, 5], [5, 6, 6], [6, 5], [5, 4]]) {
      await assertRefused(
        store,
        seqs.map((seq) => messageAt(seq)),
      );
    }
    assert.equal(seqsOf(store.read(0, 10)), [1, 2, 3, 4]);
  });
}

function testReceipts(test: Test, makeStore: MakeStore): void {
  const receipt = (key: string, ...seqs: number[]) => ({ key, fingerprint: `body of ${key}`, seqs });

  test("gives receipts back as they were, and none for what is not known", async () => {
    const store = await makeStore(AMPLE);
    await store.append(commitOf(messagesFrom(1, 3), { receipts: [receipt("a event x", 1), receipt(" post y", 1, 2, 3)] }));
    assert.equal(store.receipt("a event x"), receipt("a event x", 1));
    assert.equal(store.receipt(" post y"), receipt(" post y", 1, 2, 3));
    assert.is(store.receipt("b event x"), undefined);
  });

  test("keeps receipts without messages", async () => {
    const store = await makeStore(AMPLE);
    await store.append(commitOf([], { receipts: [receipt("k", 1)] }));
    assert.equal(store.receipt("k"), receipt("k", 1));
    assert.is(store.bounds().head, 0);
  });

  test("keeps no receipt of what it refuses", async () => {
    const store = await makeStore(AMPLE);
    await assertRefused(store, [messageAt(7)], [receipt("k", 7)]);
    assert.is(store.receipt("k"), undefined);
  });

  test("can be checked without a trace", async () => {
    const store = await makeStore(AMPLE);
    await store.append(commitOf(messagesFrom(1, 2)));
    const before = store.bounds();
    await store.check();
    assert.equal(store.bounds(), before);
    assert.equal(seqsOf(store.read(0, 10)), [1, 2]);
  });
}
