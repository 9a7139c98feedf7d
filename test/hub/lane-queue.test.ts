import { test } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULT_QUEUE_LIMITS, LaneQueue, type QueueLimits } from "../../src/hub/lane-queue.ts";
import type { Message } from "../../src/protocol/message.ts";
import { CountingFraming, eventMessage, petMessage, sessionMessage } from "../support/sinks.ts";

const queueOf = (texts: readonly string[], limits: Partial<QueueLimits> = {}) => {
  const framing = new CountingFraming();
  const queue = new LaneQueue(framing, { ...DEFAULT_QUEUE_LIMITS, ...limits });
  for (const text of texts) queue.push(text);
  return { framing, queue };
};

const retold = (message: Message, conflated: number) => `${message.key} ${message.seq} +${conflated}`;

/** A queue of messages, each with the text `seq`. */
const queueOfMessages = (messages: readonly Message[]) => {
  const { queue, framing } = queueOf([]);
  for (const message of messages) queue.push(`${message.seq}`, message);
  return { queue, framing };
};

test("the default limits are those of the protocol", () => {
  assert.equal(DEFAULT_QUEUE_LIMITS, { messages: 4_096, chars: 1_048_576, behindMessages: 256, behindChars: 262_144 });
});

test("each text is framed once, however often it is read", () => {
  const { queue, framing } = queueOf(["a", "b", "c"]);
  for (const place of [0, 1, 2, 0, 1, 2]) queue.joinedFrom(place);
  assert.is(framing.frames, 3);
});

test("readers at one place get the same payload object; a single text is not joined at all", () => {
  const { queue, framing } = queueOf(["a", "b"]);
  assert.equal(queue.joinedFrom(0), ["a", "b"]);
  assert.is(queue.joinedFrom(0), queue.joinedFrom(0));
  assert.is(framing.joins, 1);
  assert.is(queue.joinedFrom(1), queue.joinedFrom(1));
  assert.is(framing.joins, 1);
});

test("what was joined before is not told when more has come", () => {
  const { queue } = queueOf(["a", "b"]);
  queue.joinedFrom(0);
  queue.push("c");
  assert.equal(queue.joinedFrom(0), ["a", "b", "c"]);
  queue.trim(1);
  assert.equal(queue.joinedFrom(1), ["b", "c"]);
});

test("places go on when texts are let go", () => {
  const { queue } = queueOf(["a", "b", "c"]);
  assert.equal([queue.start, queue.end], [0, 3]);
  queue.trim(2);
  assert.equal([queue.start, queue.end], [2, 3]);
  queue.trim(1);
  assert.equal([queue.start, queue.end], [2, 3]);
  queue.push("d");
  assert.equal(queue.joinedFrom(2), ["c", "d"]);
  queue.trim(4);
  assert.equal([queue.start, queue.end], [4, 4]);
});

test("at the limit of messages all stay, one more and the oldest goes", () => {
  const { queue } = queueOf(["a", "b", "c"], { messages: 3 });
  queue.trim(0);
  assert.is(queue.start, 0);
  queue.push("d");
  queue.trim(0);
  assert.equal([queue.start, queue.joinedFrom(1)], [1, ["b", "c", "d"]]);
});

test("at the limit of characters all stay, one more and the oldest go", () => {
  const { queue } = queueOf(["aaa", "bb", "cccc"], { chars: 9 });
  queue.trim(0);
  assert.is(queue.start, 0);
  queue.push("d");
  queue.trim(0);
  assert.is(queue.start, 1);
  queue.push("eeeeeeeee");
  queue.trim(0);
  assert.equal([queue.start, queue.end], [4, 5]);
});

test("a reader that must have all is too far behind at one message or one character over the limit", () => {
  const messages = queueOf(["a", "b", "c", "d"], { behindMessages: 3 }).queue;
  assert.equal([messages.isTooFar(0), messages.isTooFar(1)], [true, false]);
  const chars = queueOf(["a", "bbb", "ccc"], { behindChars: 6 }).queue;
  assert.equal([chars.isTooFar(0), chars.isTooFar(1)], [true, false]);
});

test("of messages that replace each other only the last is told, at its place, with the number of those left out", () => {
  const { queue } = queueOfMessages([
    petMessage(1),
    sessionMessage(2, "a"),
    petMessage(3),
    sessionMessage(4, "b"),
    sessionMessage(5, "a"),
    petMessage(6),
  ]);
  assert.equal(queue.conflatedFrom(0, retold), ["4", "session a 5 +1", "pet 6 +2"]);
  assert.equal(queue.conflatedFrom(2, retold), ["4", "5", "pet 6 +1"]);
});

test("messages that each count are all told, and so are texts that are no messages", () => {
  const { queue } = queueOfMessages([petMessage(1), eventMessage(2), eventMessage(3), petMessage(4)]);
  queue.push("x");
  queue.push("x");
  assert.equal(queue.conflatedFrom(0, retold), ["2", "3", "pet 4 +1", "x", "x"]);
});

test("where there is no other wording, the last message is told as it is", () => {
  const { queue } = queueOfMessages([petMessage(1), petMessage(2)]);
  assert.equal(queue.conflatedFrom(0, () => undefined), ["2"]);
});

test("conflating changes nothing in the queue", () => {
  const { queue } = queueOfMessages([petMessage(1), petMessage(2), petMessage(3)]);
  queue.conflatedFrom(0, retold);
  assert.equal(queue.joinedFrom(0), ["1", "2", "3"]);
});

test.run();
