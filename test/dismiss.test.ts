import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Broker } from "../src/broker.ts";
import { dismissReaders } from "../src/dismiss.ts";
import type { Selection } from "../src/hub/dialect.ts";
import { JSON_WORDING } from "../src/protocol/wording.ts";
import { DEFAULT_TOPICS } from "../src/protocol/types.ts";
import { StreamDialect } from "../src/stream.ts";
import { brokerOf } from "./support/app.ts";
import { agentEvent } from "./support/events.ts";
import { at } from "./support/json.ts";
import { CountingFraming, FakeSink, plainDialect } from "./support/sinks.ts";

const SPREAD_MS = 2_000;
const STATE: Selection = { topics: DEFAULT_TOPICS, view: "full" };
const EVENTS: Selection = { topics: ["events"], view: "full" };

const dialectOf = (broker: Broker, selection: Selection) => new StreamDialect(broker, selection, JSON_WORDING, 25_000);
const parsed = (text: string | undefined): unknown => JSON.parse(text ?? "null");
const typesOf = ({ texts }: FakeSink) => texts.map((text) => at(parsed(text), "type"));

function bench() {
  const { broker, clock } = brokerOf();
  const channel = broker.hub.channel(new CountingFraming());
  const join = (selection = STATE) => {
    const sink = new FakeSink();
    channel.subscribe(dialectOf(broker, selection), sink, []);
    return sink;
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    // A promise stands between one step and the next.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { broker, clock, channel, join, pass };
}

test("every reader of a stream is told bye and when to come back, and is closed with 1001", async () => {
  const { broker, join, pass } = bench();
  const sinks = [join(), join(EVENTS), join({ ...STATE, sessionId: "a" }), join({ ...STATE, view: "bare" })];
  const done = dismissReaders(broker);
  for (let step = 0; step < 4; step += 1) await pass(SPREAD_MS / 20);
  await done;
  for (const sink of sinks) {
    const bye = parsed(sink.texts[0]);
    assert.equal([sink.texts.length, at(bye, "type"), at(bye, "data", "reason")], [1, "bye", "shutdown"]);
    const wait = Number(at(bye, "data", "reconnectInMs"));
    assert.ok(wait >= 500 && wait <= 5_000, `${wait} ms`);
    assert.equal(sink.closed, ["1001 shutting down"]);
  }
  assert.is(broker.hub.size, 0);
});

test("readers that know no bye, such as v0 floaters, are closed without a word", async () => {
  const { broker, channel, pass } = bench();
  const sink = new FakeSink();
  channel.subscribe(plainDialect(), sink, []);
  const done = dismissReaders(broker);
  await pass(0);
  await done;
  assert.equal([sink.texts, sink.closed], [[], ["1001 shutting down"]]);
});

test("no event is taken any more before the first reader is told", async () => {
  const { broker, join, pass } = bench();
  const sink = join();
  const drainedAtWrite: boolean[] = [];
  sink.onWrite = () => drainedAtWrite.push(broker.isDraining());
  const done = dismissReaders(broker);
  assert.is(broker.isDraining(), true);
  assert.throws(() => broker.ingest([agentEvent("tool.start")]), /shutting down/);
  await pass(0);
  await done;
  assert.equal(drainedAtWrite, [true]);
});

test("what was taken before is told before the bye", async () => {
  const { broker, join, pass } = bench();
  const sink = join();
  broker.ingest([agentEvent("tool.start")]);
  const done = dismissReaders(broker);
  await pass(0);
  await done;
  assert.equal(typesOf(sink), ["session", "state", "bye"]);
});

test("what time brings while readers are dismissed is told to those that are left", async () => {
  const { broker, join, pass } = bench();
  const sinks = Array.from({ length: 40 }, () => join());
  broker.ingest([agentEvent("turn.complete")]);
  await pass(0);
  const done = dismissReaders(broker);
  await pass(1_000);
  for (let step = 0; step < 20; step += 1) await pass(SPREAD_MS / 20);
  await done;
  assert.equal(sinks.map(typesOf).at(0), ["session", "state", "bye"]);
  assert.equal(sinks.map(typesOf).at(-1), ["session", "state", "session", "state", "bye"]);
});

test("many readers are spread over 2 s, so that they do not all come back at once", async () => {
  const { broker, join, pass } = bench();
  const sinks = Array.from({ length: 100 }, () => join());
  const closed = () => sinks.filter((sink) => sink.closed.length > 0).length;
  let isDone = false;
  const done = dismissReaders(broker).then(() => isDone = true);
  const steps: number[] = [];
  for (let time = 0; time < SPREAD_MS; time += SPREAD_MS / 4) {
    steps.push(closed());
    for (let step = 0; step < 10; step += 1) await pass(SPREAD_MS / 40);
  }
  assert.equal([steps, closed(), isDone], [[5, 30, 55, 80], 100, true]);
  await done;
  const waits = new Set(sinks.map(({ texts }) => at(parsed(texts.at(-1)), "data", "reconnectInMs")));
  assert.ok(waits.size > 10, `all 100 come back after one of ${waits.size} times`);
});

test("without readers it is done at once, and the broker is only drained, not closed", async () => {
  const { broker } = bench();
  await dismissReaders(broker);
  assert.is(broker.isDraining(), true);
  assert.is(broker.bounds().head, 0);
});

test.run();
