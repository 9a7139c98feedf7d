import { test } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULT_READER_LIMITS, Reader } from "../../src/hub/reader.ts";
import { FakeSink, PingedSink, type Texts } from "../support/sinks.ts";

const MIB = 1024 * 1024;
const heartbeat = (): Texts => ["heartbeat"];

const readerOf = (sink: FakeSink, now = 0) => {
  const reader = new Reader<Texts>(sink, 0, now);
  return { reader, check: (at: number, beat?: () => Texts) => reader.check(at, DEFAULT_READER_LIMITS, beat) };
};

test("the default limits are those of the protocol", () => {
  assert.equal(DEFAULT_READER_LIMITS, {
    highWaterBytes: 65_536,
    stallMs: 10_000,
    maxBacklogBytes: 1_048_576,
    heartbeatMs: 15_000,
    pingMs: 25_000,
    pongMs: 10_000,
  });
});

test("a reader that takes nothing of its backlog for 10 s is cut, and not a millisecond before", () => {
  const sink = new FakeSink();
  const { check } = readerOf(sink);
  sink.backlog = 500;
  assert.is(check(1_000), undefined);
  assert.is(check(10_999), undefined);
  assert.equal(check(11_000), { code: 4408, reason: "no progress" });
});

test("a reader that takes a little in time has another 10 s", () => {
  const sink = new FakeSink();
  const { check } = readerOf(sink);
  sink.backlog = 500;
  check(1_000);
  sink.backlog = 499;
  assert.is(check(10_999), undefined);
  assert.is(check(20_998), undefined);
  assert.equal(check(20_999)?.reason, "no progress");
});

test("a reader that takes everything starts over with its next backlog", () => {
  const sink = new FakeSink();
  const { check } = readerOf(sink);
  sink.backlog = 500;
  check(1_000);
  sink.backlog = 0;
  check(9_000);
  sink.backlog = 900;
  assert.is(check(12_000), undefined);
  assert.is(check(21_999), undefined);
  assert.is(check(22_000)?.reason, "no progress");
});

test("a reader that takes as much as it is given makes progress, although its backlog stays", () => {
  const sink = new FakeSink();
  const { reader, check } = readerOf(sink);
  sink.isStalled = true;
  reader.write(["x".repeat(30_000)], 0, 0);
  for (let second = 1; second <= 60; second += 1) {
    sink.backlog -= 10_000;
    reader.write(["x".repeat(10_000)], second * 1_000, sink.backlog);
    assert.is(check(second * 1_000), undefined, `cut after ${second} s`);
  }
});

test("a reader that takes a little of a backlog that has grown makes progress", () => {
  const sink = new FakeSink();
  const { reader, check } = readerOf(sink);
  sink.isStalled = true;
  reader.write(["x".repeat(10_000)], 0, sink.backlog);
  check(1_000);
  reader.write(["x".repeat(40_000)], 2_000, sink.backlog);
  for (let second = 3; second <= 60; second += 1) {
    sink.backlog -= 10_000;
    reader.write(["x".repeat(10_000)], second * 1_000, sink.backlog);
    assert.is(check(second * 1_000), undefined, `cut after ${second} s`);
  }
});

test("a reader that takes nothing is cut after 10 s, although it is given more and more", () => {
  const sink = new FakeSink();
  const { reader, check } = readerOf(sink);
  sink.isStalled = true;
  for (let second = 1; second <= 10; second += 1) {
    reader.write(["x"], second * 1_000, sink.backlog);
    assert.is(check(second * 1_000), undefined);
  }
  assert.is(check(11_000)?.reason, "no progress");
});

test("a reader with 1 MiB unsent stays, with one byte more it is cut", () => {
  const sink = new FakeSink();
  const { check } = readerOf(sink);
  sink.backlog = MIB;
  assert.is(check(1_000), undefined);
  sink.backlog = MIB + 1;
  assert.equal(check(2_000), { code: 4408, reason: "too far behind" });
});

test("a greeting of any size, as a snapshot may be, is no reason to cut; 1 MiB more is its limit", () => {
  const sink = new FakeSink();
  const { reader, check } = readerOf(sink);
  sink.isStalled = true;
  reader.greet(["x".repeat(3 * MIB)], 0);
  assert.is(sink.backlog, 3 * MIB);
  assert.is(check(1_000), undefined);
  reader.write(["x".repeat(MIB)], 1_000, sink.backlog);
  assert.is(check(2_000), undefined);
  reader.write(["x"], 2_000, sink.backlog);
  assert.is(check(3_000)?.reason, "too far behind");
});

test("a stream that was quiet for 15 s gets a heartbeat, and the next one 15 s later", () => {
  const sink = new FakeSink();
  const { check } = readerOf(sink, 100);
  check(15_099, heartbeat);
  assert.equal(sink.texts, []);
  check(15_100, heartbeat);
  assert.equal(sink.texts, ["heartbeat"]);
  check(30_099, heartbeat);
  assert.is(sink.texts.length, 1);
  check(30_100, heartbeat);
  assert.is(sink.texts.length, 2);
});

test("a stream that was told something is not quiet", () => {
  const sink = new FakeSink();
  const { reader, check } = readerOf(sink);
  reader.write(["news"], 10_000, sink.backlog);
  check(24_999, heartbeat);
  assert.equal(sink.texts, ["news"]);
});

test("a reader that is behind gets no heartbeat, nor does one whose dialect has none", () => {
  const sink = new FakeSink();
  const { reader, check } = readerOf(sink);
  assert.is(check(60_000), undefined);
  reader.isBehind = true;
  check(90_000, heartbeat);
  assert.equal(sink.texts, []);
});

test("a socket that was quiet for 25 s is pinged; a pong keeps it for another 25 s", () => {
  const sink = new PingedSink();
  const { check } = readerOf(sink);
  check(24_999, heartbeat);
  assert.is(sink.pings.length, 0);
  check(25_000, heartbeat);
  assert.is(sink.pings.length, 1);
  sink.pings[0]?.();
  assert.is(check(49_999), undefined);
  assert.is(sink.pings.length, 1);
  check(50_000);
  assert.is(sink.pings.length, 2);
  assert.equal(sink.texts, []);
});

test("a socket without a pong within 10 s is cut, and not a millisecond before", () => {
  const sink = new PingedSink();
  const { check } = readerOf(sink);
  check(25_000);
  assert.is(check(34_999), undefined);
  const cut = check(35_000);
  assert.equal([cut?.code, cut?.reason], [1001, "no pong"]);
  assert.is(sink.pings.length, 1);
});

test.run();
