import { test } from "uvu";
import * as assert from "uvu/assert";
import { Hub, type HubOptions } from "../../src/hub/hub.ts";
import { CUT_REASONS, type HubCounts } from "../../src/hub/counts.ts";
import { FakeClock } from "../support/fake-clock.ts";
import {
  CountingFraming,
  type DialectChanges,
  eventMessage,
  FakeSink,
  petMessage,
  PingedSink,
  plainDialect,
} from "../support/sinks.ts";

function hubOf(limits: HubOptions["limits"] = {}) {
  const clock = new FakeClock();
  const hub = new Hub({ clock, limits });
  const framing = new CountingFraming();
  const channel = hub.channel(framing);
  const join = (transport: string, changes: DialectChanges = {}, sink = new FakeSink(framing)) => {
    const subscription = channel.subscribe(plainDialect({ name: transport, transport, ...changes }), sink, ["hello"]);
    return { sink, subscription };
  };
  return { clock, hub, join };
}

/** What a tally has, without what never happened. */
const seen = (counts: HubCounts, name: keyof HubCounts) => [...counts[name].entries()].filter(([, count]) => count > 0);

test("the gauges have every reader of each transport, its backlog, and what its lane keeps", () => {
  const { clock, hub, join } = hubOf();
  assert.equal(hub.gauges(), { byTransport: new Map(), ending: 0 });
  join("sse");
  const slow = join("sse").sink;
  join("sse", { name: "other" });
  join("ws").sink.backlog = 7;
  slow.backlog = 65_536;
  hub.publish([petMessage(1), petMessage(2)]);
  clock.advance(0);
  const chars = "pet 1pet 2".length;
  assert.equal(Object.fromEntries(hub.gauges().byTransport), {
    sse: { readers: 3, behind: 1, lanes: 2, lanesBehind: 1, messages: 2, chars, backlogBytes: 65_536, maxBacklogBytes: 65_536 },
    ws: { readers: 1, behind: 0, lanes: 1, lanesBehind: 0, messages: 0, chars: 0, backlogBytes: 7, maxBacklogBytes: 7 },
  });
  slow.drain();
  clock.advance(50);
  assert.equal([hub.gauges().byTransport.get("sse")?.messages, hub.gauges().byTransport.get("sse")?.behind], [0, 0]);
});

test("who comes is counted, and who has gone is in no gauge", () => {
  const { hub, join } = hubOf();
  const readers = [join("v0"), join("v0")];
  for (const { subscription } of readers) subscription.end();
  assert.equal([seen(hub.counts, "joined"), hub.gauges().byTransport.size], [[["v0", 2]], 0]);
});

test("a reader that is told the newest only counts the messages that were left out", () => {
  const { clock, hub, join } = hubOf();
  const { sink } = join("ws");
  sink.backlog = 65_536;
  hub.publish([petMessage(1), petMessage(2), petMessage(3)]);
  clock.advance(0);
  sink.drain();
  clock.advance(50);
  assert.equal(seen(hub.counts, "conflated"), [["ws", 2]]);
  assert.equal(seen(hub.counts, "dropped"), []);
});

test("a lane that overflows counts what it let go of, once, and the readers that start over", () => {
  const { clock, hub, join } = hubOf({ messages: 3 });
  const slow = [join("sse").sink, join("sse").sink];
  join("sse");
  for (const sink of slow) sink.backlog = 65_536;
  for (let seq = 1; seq <= 5; seq += 1) {
    hub.publish([petMessage(seq)]);
    clock.advance(0);
  }
  assert.equal([seen(hub.counts, "dropped"), seen(hub.counts, "reset")], [[["sse", 2]], []]);
  for (const sink of slow) sink.drain();
  clock.advance(50);
  assert.equal([seen(hub.counts, "dropped"), seen(hub.counts, "reset")], [[["sse", 2]], [["sse", 2]]]);
});

test("a reader that is cut counts for its reason, and is ending until it is destroyed", () => {
  const { clock, hub, join } = hubOf({ behindMessages: 1 });
  const stalled = join("sse").sink;
  stalled.isStalled = true;
  const needy = join("ws", { canRestart: false }).sink;
  needy.backlog = 65_536;
  join("ws", { name: "pinged" }, new PingedSink(needy.framing instanceof CountingFraming ? needy.framing : undefined));
  hub.publish([eventMessage(1), eventMessage(2)]);
  clock.advance(0);
  assert.is(hub.gauges().ending, 1);
  clock.advance(70_000);
  assert.is(hub.gauges().ending, 0);
  assert.equal(seen(hub.counts, "cut"), CUT_REASONS.slice(0, 3).map((reason) => [reason, 1]));
});

test.run();
