import { test } from "uvu";
import * as assert from "uvu/assert";
import { Announcer } from "../src/announcer.ts";
import { Hub } from "../src/hub/hub.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { CountingFraming, FakeSink, petMessage, plainDialect } from "./support/sinks.ts";

function announcerOf() {
  const clock = new FakeClock();
  const hub = new Hub({ clock });
  const channel = hub.channel(new CountingFraming());
  const announcer = new Announcer(hub);
  const told: number[] = [];
  const listen = () => announcer.listen((messages) => told.push(...messages.map(({ seq }) => seq)));
  return { clock, channel, announcer, told, listen };
}

test("listeners are told before the announcement returns, readers after it", () => {
  const { clock, channel, announcer, told, listen } = announcerOf();
  listen();
  const sink = new FakeSink();
  channel.subscribe(plainDialect(), sink, []);
  announcer.announce([petMessage(1), petMessage(2)]);
  assert.equal([told, sink.texts], [[1, 2], []]);
  clock.advance(0);
  assert.equal(sink.texts, ["pet 1", "pet 2"]);
});

test("what a listener announces itself is told to everybody after what it was told", () => {
  const { clock, channel, announcer, told, listen } = announcerOf();
  announcer.listen(([message]) => {
    if (message !== undefined && message.seq < 4) announcer.announce([petMessage(message.seq + 1)]);
  });
  listen();
  const sink = new FakeSink();
  channel.subscribe(plainDialect(), sink, []);
  announcer.announce([petMessage(1)]);
  clock.advance(0);
  assert.equal([told, sink.texts], [[1, 2, 3, 4], ["pet 1", "pet 2", "pet 3", "pet 4"]]);
});

test("a listener that throws stops nobody, and one that has stopped is told nothing", () => {
  const { announcer, told, listen } = announcerOf();
  announcer.listen(() => {
    throw new Error("broken listener");
  });
  const stop = listen();
  announcer.announce([petMessage(1)]);
  stop();
  stop();
  announcer.announce([petMessage(2)]);
  assert.equal(told, [1]);
});

test("a dialect that throws silences nobody for good", () => {
  const { clock, channel, announcer, told, listen } = announcerOf();
  listen();
  const text = () => {
    throw new Error("broken dialect");
  };
  const subscription = channel.subscribe(plainDialect({ name: "broken", text }), new FakeSink(), []);
  const sink = new FakeSink();
  channel.subscribe(plainDialect(), sink, []);
  announcer.announce([petMessage(1)]);
  subscription.end();
  announcer.announce([petMessage(2)]);
  clock.advance(0);
  assert.equal([told, sink.texts.at(-1)], [[1, 2], "pet 2"]);
});

test.run();
