import { test } from "uvu";
import * as assert from "uvu/assert";
import { Hub } from "../../src/hub/hub.ts";
import { BusyClock } from "../support/busy-clock.ts";
import { CountingFraming, type DialectChanges, eventMessage, FakeSink, petMessage, plainDialect } from "../support/sinks.ts";

/** A hub with readers, and how many of them had been told something at each turn of other work. */
function hubOf(readers: number, changes: DialectChanges = {}) {
  const clock = new BusyClock();
  clock.advance(7_000);
  const hub = new Hub({ clock });
  const channel = hub.channel(new CountingFraming());
  const join = (more: DialectChanges = {}) => {
    const sink = new FakeSink();
    channel.subscribe(plainDialect({ ...changes, ...more }), sink, []);
    return sink;
  };
  const sinks = Array.from({ length: readers }, () => join());
  const told = () => sinks.filter(({ texts }) => texts.length > 0).length;
  const turns: number[] = [];
  const takeTurns = () => {
    turns.push(told());
    if (told() < readers) clock.defer(takeTurns);
  };
  return { clock, hub, join, sinks, turns, takeTurns };
}

test("all publishing before a pass is told in one pass", () => {
  const { clock, hub, sinks } = hubOf(3);
  hub.publish([petMessage(1)]);
  hub.publish([petMessage(2)]);
  assert.is(clock.deferred, 1);
  clock.advance(0);
  for (const sink of sinks) assert.equal(sink.payloads.at(-1), ["pet 1", "pet 2"]);
});

test("other work has its turn once a pass has taken 1 ms, which is looked at every 16 readers", () => {
  const { clock, hub, sinks, turns, takeTurns } = hubOf(64);
  for (const [index, sink] of sinks.entries()) sink.onWrite = () => index % 16 === 15 && clock.spend(1);
  hub.publish([petMessage(1)]);
  clock.defer(takeTurns);
  clock.advance(0);
  assert.equal(turns, [16, 32, 48, 64]);
});

test("a pass that takes no time serves everybody at once", () => {
  const { clock, hub, turns, takeTurns } = hubOf(64);
  hub.publish([petMessage(1)]);
  clock.defer(takeTurns);
  clock.advance(0);
  assert.equal(turns, [64]);
});

test("other work has its turn too while connections are looked after", () => {
  const { clock, sinks, turns, takeTurns } = hubOf(64, { heartbeat: () => "beat" });
  for (const [index, sink] of sinks.entries()) {
    sink.onWrite = () => {
      if (index === 0) clock.defer(takeTurns);
      if (index % 16 === 15) clock.spend(1);
    };
  }
  clock.advance(15_000);
  assert.equal(turns, [16, 32, 48, 64]);
});

test("a lane that is always busy does not keep another from its turn", () => {
  const clock = new BusyClock();
  const hub = new Hub({ clock });
  const channel = hub.channel(new CountingFraming());
  let seq = 0;
  const crowd = Array.from({ length: 64 }, () => new FakeSink());
  const single = new FakeSink();
  for (const sink of crowd) channel.subscribe(plainDialect(), sink, []);
  channel.subscribe(plainDialect({ name: "other" }), single, []);
  // Every write to the crowd takes its time, and the next message comes before all of them are served.
  const busyWrite = () => {
    clock.spend(1);
    if (seq < 500) hub.publish([eventMessage(++seq)]);
  };
  for (const sink of crowd) sink.onWrite = busyWrite;
  const servedAt: number[] = [];
  single.onWrite = () => servedAt.push(seq);
  hub.publish([eventMessage(++seq)]);
  clock.advance(0);
  assert.ok((servedAt[0] ?? Infinity) <= 64, `the other reader was first told after ${servedAt[0]} messages`);
  assert.is(single.texts.length, 500);
});

test.run();
