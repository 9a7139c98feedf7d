import { test } from "uvu";
import * as assert from "uvu/assert";
import { Hub, type HubOptions } from "../../src/hub/hub.ts";
import { FakeClock } from "../support/fake-clock.ts";
import {
  CountingFraming,
  type DialectChanges,
  FakeSink,
  petMessage,
  PingedSink,
  plainDialect,
  sessionMessage,
} from "../support/sinks.ts";

function hubOf(limits: HubOptions["limits"] = {}) {
  const clock = new FakeClock();
  const cuts: string[] = [];
  const hub = new Hub({ clock, limits, onCut: (reason) => cuts.push(reason) });
  const framing = new CountingFraming();
  const channel = hub.channel(framing);
  const join = (changes: DialectChanges = {}, sink = new FakeSink(framing)) => {
    const subscription = channel.subscribe(plainDialect(changes), sink, ["hello"]);
    sink.news();
    return { sink, subscription };
  };
  return { clock, cuts, hub, framing, channel, join };
}

test("nothing is written before the publisher has gone on, and everything after", () => {
  const { clock, hub, join } = hubOf();
  const { sink } = join();
  hub.publish([petMessage(1), petMessage(2)]);
  assert.equal(sink.news(), []);
  clock.advance(0);
  assert.equal(sink.news(), ["pet 1", "pet 2"]);
});

test("without readers there is nothing to do, and no timer", () => {
  const { clock, hub } = hubOf();
  hub.publish([petMessage(1)]);
  hub.publishText("plain", "x");
  assert.equal([clock.deferred, clock.pending, hub.size], [0, 0, 0]);
});

test("readers of one dialect share its lane: each message is framed once for all of them", () => {
  const { clock, hub, framing, join } = hubOf();
  const sinks = Array.from({ length: 10 }, () => join().sink);
  const other = join({ name: "other" }).sink;
  const { frames } = framing;
  hub.publish([petMessage(1)]);
  clock.advance(0);
  assert.is(framing.frames - frames, 2);
  for (const sink of [...sinks, other]) assert.equal(sink.news(), ["pet 1"]);
  assert.is(hub.size, 11);
});

test("readers of one session are told of it, and of what concerns all sessions", () => {
  const { clock, hub, join } = hubOf();
  const all = join().sink;
  const onlyA = join({ name: "a", sessionId: "a" }).sink;
  const onlyB = join({ name: "b", sessionId: "b" }).sink;
  hub.publish([sessionMessage(1, "a"), petMessage(2), sessionMessage(3, "b"), sessionMessage(4, "c")]);
  clock.advance(0);
  assert.equal(all.news(), ["session a 1", "pet 2", "session b 3", "session c 4"]);
  assert.equal(onlyA.news(), ["session a 1", "pet 2"]);
  assert.equal(onlyB.news(), ["pet 2", "session b 3"]);
});

test("a text that is no message reaches the readers of its dialect only", () => {
  const { clock, hub, join } = hubOf();
  const told = join({ name: "floaters" }).sink;
  const untold = join().sink;
  hub.publishText("floaters", "cards");
  clock.advance(0);
  assert.equal([told.news(), untold.news()], [["cards"], []]);
});

test("a reader that has ended is told nothing more; ending it twice does nothing", () => {
  const { clock, hub, join } = hubOf();
  const [first, second] = [join(), join()];
  hub.publish([petMessage(1)]);
  first.subscription.end();
  first.subscription.end();
  clock.advance(0);
  assert.equal([first.sink.news(), second.sink.news(), hub.size], [[], ["pet 1"], 1]);
});

test("a slow reader holds up nobody and is told the rest within 50 ms of taking something", () => {
  const { clock, hub, join } = hubOf();
  const [slow, fast] = [join().sink, join().sink];
  slow.backlog = 65_536;
  for (let seq = 1; seq <= 5; seq += 1) {
    hub.publish([petMessage(seq)]);
    clock.advance(10);
  }
  assert.is(fast.news().length, 5);
  slow.drain();
  clock.advance(50);
  assert.equal(slow.news(), ["pet 5 +4"]);
});

test("a reader that takes nothing for 10 s is cut, and whoever asked is told why", () => {
  const { clock, cuts, hub, join } = hubOf();
  const { sink } = join();
  sink.backlog = 65_536;
  clock.advance(10_000);
  assert.equal([sink.closed, hub.size], [[], 1]);
  clock.advance(1_000);
  assert.equal([sink.closed, cuts, hub.size], [["4408 no progress"], ["no progress"], 0]);
});

test("a connection that does not take its end either is ended at once, 10 s later", () => {
  const { clock, hub, join } = hubOf();
  const { sink } = join();
  sink.backlog = 65_536;
  clock.advance(20_999);
  assert.equal([sink.closed.length, sink.destroyed, hub.size], [1, 0, 0]);
  clock.advance(1);
  assert.is(sink.destroyed, 1);
  clock.advance(60_000);
  assert.equal([sink.destroyed, clock.pending], [1, 0]);
});

test("a quiet stream gets a heartbeat after 15 s, at the next look", () => {
  const { clock, join } = hubOf();
  const heartbeat = () => "beat";
  const early = join({ heartbeat }).sink;
  clock.advance(500);
  const late = join({ heartbeat }).sink;
  clock.advance(14_499);
  assert.equal([early.news(), late.news()], [[], []]);
  clock.advance(1);
  assert.equal([early.news(), late.news()], [["beat"], []]);
  clock.advance(1_000);
  assert.equal([early.news(), late.news()], [[], ["beat"]]);
});

test("a quiet socket is pinged after 25 s, and cut without a pong within 10 s", () => {
  const { clock, cuts, join } = hubOf();
  const [alive, dead] = [new PingedSink(), new PingedSink()];
  join({}, alive);
  join({}, dead);
  clock.advance(25_000);
  assert.equal([alive.pings.length, dead.pings.length], [1, 1]);
  alive.pings[0]?.();
  clock.advance(10_000);
  assert.equal([alive.destroyed, dead.destroyed, cuts], [0, 1, ["no pong"]]);
  assert.equal([alive.closed, dead.closed], [[], []], "the dead are not told");
});

test("timers stop when the last reader has left, and start again with the next", () => {
  const { clock, hub, join } = hubOf();
  const { sink, subscription } = join();
  sink.backlog = 65_536;
  hub.publish([petMessage(1)]);
  clock.advance(5_000);
  assert.is.not(clock.pending, 0);
  subscription.end();
  clock.advance(1_000);
  assert.equal([clock.pending, clock.deferred], [0, 0]);
  const next = join({ heartbeat: () => "beat" }).sink;
  clock.advance(15_000);
  assert.equal(next.news(), ["beat"]);
});

test("closing stops all timers, although readers are left", () => {
  const { clock, hub, join } = hubOf();
  const { sink } = join();
  sink.backlog = 65_536;
  hub.publish([petMessage(1)]);
  clock.advance(10);
  hub.close();
  assert.is(clock.pending, 0);
  clock.advance(60_000);
  assert.equal([clock.pending, sink.closed], [0, []]);
});

test("a lane that its last reader left begins anew with the next reader's dialect", () => {
  const { clock, hub, join } = hubOf();
  join({ text: () => "old" }).subscription.end();
  const { sink } = join({ text: () => "new" });
  hub.publish([petMessage(1)]);
  clock.advance(0);
  assert.equal(sink.news(), ["new"]);
});

test("a lane that nobody reads any more is told nothing", () => {
  const { clock, hub, framing, join } = hubOf();
  const left = [{ name: "other" }, { name: "a1", sessionId: "a" }, { name: "b", sessionId: "b" }];
  const stays = [join(), join({ name: "a2", sessionId: "a" })];
  for (const { subscription } of left.map((changes) => join(changes))) subscription.end();
  const { frames } = framing;
  hub.publish([sessionMessage(1, "a"), sessionMessage(2, "b"), petMessage(3)]);
  clock.advance(0);
  assert.is(framing.frames - frames, 5);
  assert.equal(stays.map(({ sink }) => sink.news()), [["session a 1", "session b 2", "pet 3"], ["session a 1", "pet 3"]]);
});

test.run();
