import { test } from "uvu";
import * as assert from "uvu/assert";
import { FakeSink, petMessage } from "../support/sinks.ts";
import { always, laneOf, never } from "./_lane.ts";

test("a new reader is told its first texts at once, in one write, and then what comes", () => {
  const { lane, tell } = laneOf();
  tell(petMessage(1));
  const sink = new FakeSink();
  lane.add(sink, ["hello", "live"], 0);
  assert.equal(sink.payloads, [["hello", "live"]]);
  tell(petMessage(2));
  assert.equal(sink.texts, ["hello", "live", "pet 2"]);
});

test("each message is framed once and each burst joined once, whatever the number of readers", () => {
  const { framing, join, tell } = laneOf();
  const sinks = Array.from({ length: 50 }, () => join().sink);
  const { frames, joins } = framing;
  tell(petMessage(1), petMessage(2), petMessage(3));
  assert.equal([framing.frames - frames, framing.joins - joins], [3, 1]);
  const [first] = sinks;
  for (const sink of sinks) assert.is(sink.payloads.at(-1), first?.payloads.at(-1));
  assert.equal(first?.news(), ["pet 1", "pet 2", "pet 3"]);
});

test("a message that these readers are not told is not queued", () => {
  const { lane, join } = laneOf({ text: () => undefined });
  const { sink } = join();
  assert.is(lane.publish(petMessage(1)), false);
  lane.pump(0, never);
  assert.equal(sink.news(), []);
});

test("a pass that runs out of time goes on where it stopped", () => {
  const { lane, join } = laneOf();
  const sinks = Array.from({ length: 40 }, () => join().sink);
  lane.publish(petMessage(1));
  assert.is(lane.pump(0, always), false);
  assert.equal(sinks.map((sink) => sink.news().length), [...Array(16).fill(1), ...Array(24).fill(0)]);
  assert.is(lane.pump(0, always), false);
  assert.is(lane.pump(0, always), true);
  assert.equal(sinks.map((sink) => sink.texts.length), Array(40).fill(2));
});

test("what is queued during a pass reaches those who were served before it, and no one twice", () => {
  const { lane, join } = laneOf();
  const sinks = Array.from({ length: 20 }, () => join().sink);
  lane.publish(petMessage(1));
  lane.pump(0, always);
  lane.publish(petMessage(2));
  const late = join().sink;
  while (!lane.pump(0, always));
  for (const sink of sinks) assert.equal(sink.news(), ["pet 1", "pet 2"]);
  assert.equal(late.news(), []);
});

test("a reader that leaves in the middle of a pass is told nothing more, and all others everything", () => {
  const { lane, join } = laneOf();
  const readers = Array.from({ length: 20 }, () => join());
  const [first, second] = readers;
  const last = readers.at(-1);
  if (first === undefined || second === undefined || last === undefined) throw new Error("no readers");
  first.sink.onWrite = () => [second, last].forEach(({ reader }) => lane.remove(reader));
  lane.publish(petMessage(1));
  while (!lane.pump(0, always));
  assert.equal([second.sink.news(), last.sink.news()], [[], []]);
  assert.is(lane.size, 18);
  for (const { sink } of readers) if (sink !== second.sink && sink !== last.sink) assert.equal(sink.news(), ["pet 1"]);
});

test("removing a reader twice counts once", () => {
  const { lane, join, left } = laneOf();
  const { reader } = join();
  lane.remove(reader);
  lane.remove(reader);
  assert.equal([lane.size, left()], [0, 1]);
});

test("the connections are looked after in slices, and a dead one is cut", () => {
  const { lane, join, cuts } = laneOf({ heartbeat: () => "beat" });
  const sinks = Array.from({ length: 20 }, () => join().sink);
  const dead = sinks.at(-1);
  if (dead !== undefined) dead.backlog = 2 ** 21;
  assert.is(lane.check(15_000, always), false);
  assert.equal(sinks.map((sink) => sink.news().length), [...Array(16).fill(1), ...Array(4).fill(0)]);
  assert.is(lane.check(15_000, always), true);
  assert.equal([dead?.closed, cuts, lane.size], [["4408 too far behind"], ["too far behind"], 19]);
});

test("a reader that still has something to come gets no heartbeat, since that would move its cursor past it", () => {
  const { lane, join } = laneOf({ heartbeat: () => "beat" });
  const { sink } = join();
  lane.publish(petMessage(1));
  lane.check(15_000, never);
  assert.equal(sink.news(), []);
});

test("dismissed readers are told what is pending, then the last word, and are closed", () => {
  const { lane, join } = laneOf();
  const sinks = Array.from({ length: 3 }, () => join().sink);
  lane.publish(petMessage(1));
  lane.dismiss(2, "bye", { code: 1001, reason: "shutdown" }, 0);
  assert.is(lane.size, 1);
  lane.dismiss(2, "bye", { code: 1001, reason: "shutdown" }, 0);
  assert.is(lane.size, 0);
  for (const sink of sinks) {
    assert.equal(sink.news(), ["pet 1", "bye"]);
    assert.equal(sink.closed, ["1001 shutdown"]);
  }
});

test.run();
