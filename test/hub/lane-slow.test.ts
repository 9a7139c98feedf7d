import { test } from "uvu";
import * as assert from "uvu/assert";
import { eventMessage, petMessage, sessionMessage } from "../support/sinks.ts";
import { laneOf, never } from "./_lane.ts";

test("a reader whose backlog is at the high-water mark gets nothing, one below it does, and others are not held up", () => {
  const { lane, join, tell } = laneOf();
  const [slow, nearly, fast] = [join(), join(), join()];
  slow.sink.backlog = 65_536;
  nearly.sink.backlog = 65_535;
  tell(petMessage(1));
  assert.equal([slow, nearly, fast].map(({ sink }) => sink.news()), [[], ["pet 1"], ["pet 1"]]);
  assert.is(lane.isAnyBehind, true);
});

test("a slow reader is told the last value of each key and how many it missed, once it takes something", () => {
  const { lane, join, tell } = laneOf();
  const [slow, fast] = [join(), join()];
  slow.sink.backlog = 65_536;
  tell(petMessage(1), sessionMessage(2, "a"));
  tell(petMessage(3), sessionMessage(4, "b"), petMessage(5));
  slow.sink.drain();
  lane.pump(0, never);
  assert.equal(slow.sink.news(), ["session a 2", "session b 4", "pet 5 +2"]);
  assert.equal(fast.sink.news(), ["pet 1", "session a 2", "pet 3", "session b 4", "pet 5"]);
  assert.is(lane.isAnyBehind, false);
  tell(petMessage(6));
  assert.equal(slow.sink.news(), ["pet 6"]);
});

test("of messages that each count a slow reader misses none", () => {
  const { lane, join, tell } = laneOf({ canRestart: false });
  const { sink } = join();
  sink.backlog = 65_536;
  tell(eventMessage(1), petMessage(2), eventMessage(3), petMessage(4));
  sink.drain();
  lane.pump(0, never);
  assert.equal(sink.news(), ["event 1", "event 3", "pet 4 +1"]);
});

test("a reader that needs every message is cut at 257 messages behind, not at 256", () => {
  const { cuts, join, tell, left } = laneOf({ canRestart: false });
  const { sink } = join();
  sink.backlog = 65_536;
  tell(...Array.from({ length: 256 }, (_, index) => eventMessage(index + 1)));
  assert.equal([sink.closed, cuts], [[], []]);
  tell(eventMessage(257));
  assert.equal([sink.closed, cuts, left()], [["4408 too far behind"], ["too far behind"], 1]);
});

test("a reader that needs every message is cut at one character more than 256 KiB behind", () => {
  const kibibyte = "x".repeat(1_024);
  const { cuts, join, tell, lane } = laneOf({ canRestart: false, text: () => kibibyte });
  const { sink } = join();
  sink.backlog = 65_536;
  tell(...Array.from({ length: 256 }, (_, index) => eventMessage(index + 1)));
  assert.equal([sink.closed, cuts], [[], []]);
  lane.publishText("x");
  lane.pump(0, never);
  assert.equal(sink.closed, ["4408 too far behind"]);
});

test("a reader of the state that is too far behind starts over", () => {
  const { lane, join, tell } = laneOf({ restart: () => ["reset", "snapshot", "live"] }, { messages: 3 });
  const [slow, fast] = [join(), join()];
  slow.sink.backlog = 65_536;
  tell(...[1, 2, 3, 4].map(petMessage));
  assert.equal(fast.sink.news().length, 4);
  slow.sink.drain();
  lane.pump(0, never);
  assert.equal(slow.sink.payloads.at(-1), ["reset", "snapshot", "live"]);
  tell(petMessage(5));
  assert.is(slow.sink.texts.at(-1), "pet 5");
});

test("a reader that needs every message is cut once some that it missed are no longer kept", () => {
  const { join, tell, lane } = laneOf({ canRestart: false, restart: () => undefined }, { messages: 2 });
  const { sink } = join();
  sink.backlog = 65_536;
  tell(eventMessage(1), eventMessage(2), eventMessage(3));
  assert.equal(sink.closed, []);
  sink.drain();
  lane.pump(0, never);
  assert.equal([sink.closed, sink.news()], [["4408 too far behind"], []]);
});

test("a slow reader that leaves is waited for no more", () => {
  const { lane, join, tell } = laneOf();
  const [slow, other] = [join(), join()];
  slow.sink.backlog = 65_536;
  tell(petMessage(1));
  assert.is(lane.isAnyBehind, true);
  lane.remove(slow.reader);
  assert.is(lane.isAnyBehind, false);
  other.sink.backlog = 65_536;
  tell(petMessage(2));
  assert.is(lane.isAnyBehind, true);
});

test("a reader that has had everything is not behind, however much its connection still holds", () => {
  const { lane, join } = laneOf();
  join().sink.backlog = 65_536;
  lane.pump(0, never);
  assert.is(lane.isAnyBehind, false);
});

test("a reader that starts over is not cut for the size of its snapshot", () => {
  const { lane, join, tell, cuts } = laneOf({ restart: () => ["x".repeat(2 ** 21)] }, { messages: 1 });
  const { sink } = join();
  sink.backlog = 65_536;
  tell(petMessage(1), petMessage(2));
  sink.drain();
  sink.isStalled = true;
  lane.pump(0, never);
  assert.is(sink.backlog, 2 ** 21);
  lane.check(1_000, never);
  assert.equal(cuts, []);
});

test("at the limit of the queue a slow reader is conflated and need not start over", () => {
  const { lane, join, tell } = laneOf({}, { messages: 4 });
  const { sink } = join();
  sink.backlog = 65_536;
  tell(...[1, 2, 3, 4].map(petMessage));
  sink.drain();
  lane.pump(0, never);
  assert.equal(sink.news(), ["pet 4 +3"]);
});

test("a slow reader that goes while it is written to does not hide that another is slow", () => {
  const { lane, join, tell } = laneOf();
  const [going, slow] = [join(), join()];
  going.sink.backlog = 65_536;
  slow.sink.backlog = 65_536;
  tell(petMessage(1));
  going.sink.drain();
  going.sink.onWrite = () => lane.remove(going.reader);
  lane.pump(0, never);
  assert.is(lane.size, 1);
  assert.is(lane.isAnyBehind, true);
});

test("a dismissed reader that is cut for being too far behind is closed once and told nothing more", () => {
  const { lane, join } = laneOf({ canRestart: false }, { behindMessages: 1 });
  const { sink } = join();
  sink.backlog = 65_536;
  lane.publish(eventMessage(1));
  lane.publish(eventMessage(2));
  lane.dismiss(1, "bye", { code: 1001, reason: "shutdown" }, 0);
  assert.equal([sink.closed, sink.news()], [["4408 too far behind"], []]);
});

test.run();
