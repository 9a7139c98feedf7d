import * as assert from "uvu/assert";
import { DEFAULT_RING_LIMITS, memoryStore } from "../../src/stores/memory.ts";
import { AMPLE, type MakeStore, storeContract } from "../contracts/store.ts";
import { addExactLimits } from "../contracts/store-limits.ts";
import { commitOf, messageAt, messagesFrom, seqsOf } from "../support/messages.ts";

const make: MakeStore = (limits) => memoryStore({ limits });
const test = storeContract("store in memory", make);
addExactLimits(test, make);

test("is not durable, and begins a new epoch each time", () => {
  const epochs = Array.from({ length: 100 }, () => memoryStore().bounds().epoch);
  assert.is(new Set(epochs).size, 100);
  assert.not(memoryStore().capabilities.durable);
});

test("takes the epoch that it is given", () => {
  assert.is(memoryStore({ epoch: "epoch12345" }).bounds().epoch, "epoch12345");
});

test("keeps at once, so that a commit need not wait", () => {
  const store = memoryStore({ limits: AMPLE });
  assert.is(store.append(commitOf(messagesFrom(1, 3))), undefined);
  assert.equal(seqsOf(store.read(0, 10)), [1, 2, 3]);
});

test("says what it refuses and why", () => {
  const refuse = () => void memoryStore().append(commitOf([messageAt(2)]));
  assert.throws(
    refuse,
    (error: unknown) =>
      error instanceof RangeError && error.message === "Cannot append message 2 after 0: numbers must follow each other",
  );
});

test("keeps 4,096 messages or 8 MiB unless told otherwise", () => {
  assert.equal(DEFAULT_RING_LIMITS, { items: 4_096, bytes: 8_388_608 });
  const store = memoryStore();
  store.append(commitOf(messagesFrom(1, 5_000)));
  assert.is(store.bounds().oldest, 905);
  store.append(commitOf([messageAt(5_001, 4 * 1024 * 1024)]));
  assert.is(store.bounds().oldest, 5_001);
});

test.run();
