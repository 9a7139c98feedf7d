import { test } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../src/errors.ts";
import { BrokerCounts } from "../src/counts.ts";
import { brokerOf } from "./support/app.ts";
import { agentEvent } from "./support/events.ts";
import { memoryStore } from "../src/stores/memory.ts";

/** Counts whose clock moves on by `ms` with each look. */
function countsWith(ms: number): BrokerCounts {
  let now = 0;
  return new BrokerCounts(() => now += ms);
}

test("a commit is timed until it is kept, whether at once or later, and not when it fails", async () => {
  const counts = countsWith(20);
  assert.is(counts.time(() => {}), undefined);
  await counts.time(() => Promise.resolve());
  assert.throws(() =>
    counts.time(() => {
      throw new Error("at once");
    }), /at once/);
  await Promise.resolve(counts.time(() => Promise.reject(new Error("late")))).then(() => assert.unreachable(), () => {});
  assert.equal([counts.commitSeconds.count, counts.commitSeconds.sum], [2, 0.04]);
});

test("commits that the store does not keep are counted by the code that is answered", async () => {
  const errors = [new StoreError("disk_full"), new Error("disk I/O error")];
  for (const gathers of [true, false]) {
    const failures = [...errors];
    const store = {
      ...memoryStore(),
      capabilities: { durable: false, gathers },
      append() {
        throw failures.shift();
      },
    };
    const { broker, clock } = brokerOf({ store });
    for (const _ of errors) {
      const post = Promise.resolve().then(() => broker.ingest([agentEvent("tool.start")]));
      await Promise.resolve();
      clock.advance(0);
      await post.then(() => assert.unreachable(), () => {});
    }
    assert.equal(Object.fromEntries(broker.counts.commitFailures.entries()), { disk_full: 1, store_failed: 1 });
    assert.equal([...broker.counts.events.entries()].filter(([, count]) => count > 0), []);
  }
});

test("a broker counts the events that it takes by kind, and none that it refuses", () => {
  const { broker } = brokerOf({ maxSessions: 1 });
  broker.ingest([agentEvent("tool.start"), agentEvent("tool.start"), agentEvent("prompt.submit")]);
  assert.throws(() => broker.ingest([agentEvent("tool.start"), agentEvent("tool.start", { sessionId: "other" })]));
  const counts = new Map(broker.counts.events.entries());
  assert.equal([counts.get("tool.start"), counts.get("prompt.submit"), counts.get("tool.end")], [2, 1, 0]);
});

test("a broker counts the events that it has taken before, and does not count them as taken", () => {
  const { broker } = brokerOf();
  const [a, b] = [agentEvent("tool.start", { id: "a" }), agentEvent("tool.start", { id: "b" })];
  broker.ingest([a]);
  broker.ingest([a, b]);
  broker.ingest([agentEvent("tool.end")], { key: "k" });
  broker.ingest([agentEvent("tool.end")], { key: "k" });
  const counts = new Map(broker.counts.events.entries());
  assert.equal([broker.counts.duplicates, counts.get("tool.start"), counts.get("tool.end")], [2, 2, 1]);
});

test("posts that wait for a commit together are told", async () => {
  const memory = memoryStore();
  const { broker, clock } = brokerOf({ store: { ...memory, capabilities: { durable: true, gathers: true } } });
  const posts = [1, 2].map(() => broker.ingest([agentEvent("tool.start")]));
  assert.is(broker.gauges().posts, 2);
  clock.advance(0);
  await Promise.all(posts);
  assert.equal([broker.gauges().posts, broker.counts.commitSeconds.count], [0, 1]);
});

test("what waits for a slow store is told, and how large the log is", async () => {
  const memory = memoryStore();
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = {
    ...memory,
    append: (messages: Parameters<typeof memory.append>[0]) => promise.then(() => memory.append(messages)),
  };
  const { broker } = brokerOf({ store: slow });
  assert.equal(broker.gauges(), { posts: 0, commits: 0, store: { memoryBytes: 0 } });
  const posts = [1, 2, 3].map(() => broker.ingest([agentEvent("tool.start")]));
  assert.is(broker.gauges().commits, 2);
  resolve();
  await Promise.all(posts);
  assert.is(broker.gauges().commits, 0);
  assert.ok((broker.gauges().store.memoryBytes ?? 0) > 100);
});

test.run();
