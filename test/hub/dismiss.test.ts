import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Dialect } from "../../src/hub/dialect.ts";
import { Hub } from "../../src/hub/hub.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { CountingFraming, type DialectChanges, FakeSink, petMessage, plainDialect } from "../support/sinks.ts";

const CUT = { code: 1001, reason: "shutting down" } as const;
const SPREAD_MS = 2_000;

/** A hub with a reader for each of `dialects`, that is being dismissed. */
function dismissing(dialects: readonly DialectChanges[], before: (hub: Hub) => void = () => {}) {
  const clock = new FakeClock();
  const hub = new Hub({ clock });
  const channel = hub.channel(new CountingFraming());
  const sinks = dialects.map(() => new FakeSink());
  const subscriptions = sinks.map((sink, index) => channel.subscribe(plainDialect(dialects[index]), sink, []));
  before(hub);
  let isDone = false;
  const textFor = (dialect: Dialect) => dialect.name === "silent" ? undefined : "bye";
  const done = hub.dismissAll(textFor, CUT, SPREAD_MS).then(() => isDone = true);
  const closed = () => sinks.filter((sink) => sink.closed.length > 0).length;
  const pass = async (ms: number) => {
    clock.advance(ms);
    // A promise stands between one step and the next.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { hub, sinks, subscriptions, done, closed, pass, isDone: () => isDone };
}

const copies = (count: number, changesOf: (index: number) => DialectChanges = () => ({})) =>
  Array.from({ length: count }, (_, index) => changesOf(index));

test("all readers are told the last word and closed, and then nobody is left", async () => {
  const { hub, sinks, done, pass } = dismissing(copies(3));
  await pass(SPREAD_MS);
  await pass(SPREAD_MS);
  await pass(SPREAD_MS);
  await done;
  for (const sink of sinks) assert.equal([sink.texts, sink.closed], [["bye"], ["1001 shutting down"]]);
  assert.is(hub.size, 0);
});

test("what is pending is told before the last word", async () => {
  const { sinks, done } = dismissing(copies(1), (hub) => hub.publish([petMessage(1), petMessage(2)]));
  await done;
  assert.equal(sinks[0]?.texts, ["pet 1", "pet 2", "bye"]);
});

test("readers of a dialect without last words are closed without", async () => {
  const { sinks, done } = dismissing([{ name: "silent" }]);
  await done;
  assert.equal([sinks[0]?.texts, sinks[0]?.closed], [[], ["1001 shutting down"]]);
});

test("without readers it is done at once", async () => {
  await dismissing([]).done;
});

test("many readers are dismissed bit by bit over the given time, and then it is done", async () => {
  const { closed, pass, isDone } = dismissing(copies(100));
  const steps: number[] = [];
  for (let step = 0; step < 20; step += 1) {
    steps.push(closed());
    await pass(SPREAD_MS / 20);
  }
  assert.equal(steps, Array.from({ length: 20 }, (_, step) => 5 * (step + 1)));
  assert.is(isDone(), true);
});

test("readers of many dialects are spread over the given time too", async () => {
  const { closed, pass, isDone } = dismissing(copies(100, (index) => ({ name: `session ${index}`, sessionId: `${index}` })));
  for (let step = 0; step < 10; step += 1) await pass(SPREAD_MS / 20);
  assert.ok(closed() >= 40 && closed() <= 60, `${closed()} of 100 were dismissed after half the time`);
  for (let step = 0; step < 10; step += 1) await pass(SPREAD_MS / 20);
  assert.equal([closed(), isDone()], [100, true]);
});

test("readers that leave meanwhile are not waited for", async () => {
  const { subscriptions, sinks, closed, pass, isDone } = dismissing(copies(100));
  for (const subscription of subscriptions) subscription.end();
  await pass(SPREAD_MS / 20);
  assert.equal([closed(), isDone()], [5, true]);
  assert.equal(sinks.at(-1)?.texts, []);
});

test.run();
