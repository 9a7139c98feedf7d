/** What a broker does when the wall clock lies: nothing. And with times that no timer can wait for: it waits all the same. @module */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BrokerOptions, createBroker } from "../../src/broker.ts";
import type { Message } from "../../src/protocol/message.ts";
import { agentEvent } from "../support/events.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { CountingFraming, FakeSink, PingedSink, plainDialect } from "../support/sinks.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Node fires a longer timer after 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A clock whose wall clock can stand still, and that notes how long its timers are. */
class WildClock extends FakeClock {
  readonly delays: number[] = [];
  frozenAt: number | undefined;

  override wall(): number {
    return this.frozenAt ?? super.wall();
  }

  override after(ms: number, task: () => void): () => void {
    this.delays.push(ms);
    return super.after(ms, task);
  }
}

const JUMPS: Readonly<Record<string, (clock: WildClock) => void>> = {
  "is right": () => {},
  "goes on by a year": (clock) => clock.shiftWall(YEAR),
  "goes back by a year": (clock) => clock.shiftWall(-YEAR),
  "goes back by an hour": (clock) => clock.shiftWall(-HOUR),
  "goes back to before 1970": (clock) => clock.shiftWall(-100 * YEAR),
  "stands still": (clock) => clock.frozenAt = clock.wall(),
};

/** A broker with a reader of each kind, and when it told what, on the steady clock. */
function benchOf(options: BrokerOptions = {}) {
  const clock = new WildClock();
  const broker = createBroker({ clock, ...options });
  const framing = new CountingFraming();
  const told: string[] = [];
  const seqs: number[] = [];
  broker.onMessages((messages: readonly Message[]) => {
    for (const { seq, body } of messages) {
      seqs.push(seq);
      told.push(`${clock.now()} ${body.type} ${body.type === "session" ? `${body.session.id} ${body.session.state}` : ""}`);
    }
  });
  const channel = broker.hub.channel(framing);
  const join = (sink: FakeSink) => (channel.subscribe(plainDialect({ heartbeat: () => "beat" }), sink, ["hello"]), sink);
  return { clock, broker, told, seqs, stream: join(new FakeSink(framing)), socket: join(new PingedSink(framing)) };
}

/** A minute in which everything has a deadline: overlays, a tool, silence, heartbeats and pings. In its middle comes the jump. */
function minuteWith(jump: (clock: WildClock) => void) {
  const bench = benchOf();
  const { clock, broker, told, seqs, stream, socket } = bench;
  for (const id of ["a", "b", "c"]) broker.ingest([agentEvent("session.start", { sessionId: id })]);
  broker.ingest([agentEvent("tool.end", { sessionId: "a", ok: false }), agentEvent("tool.start", { sessionId: "b" })]);
  clock.advance(SECOND);
  const before = told.length;
  const timers = clock.delays.length;
  jump(clock);
  clock.advance(1);
  assert.is(told.length, before, "the jump alone tells nothing");
  assert.ok(clock.delays.length - timers <= 1, "the jump alone sets no timers");
  broker.ingest([agentEvent("permission.request", { sessionId: "c" })]);
  clock.advance(60 * SECOND - 1);
  assert.equal(seqs, seqs.map((_, index) => index + 1));
  return { told, beats: [stream.texts, socket.texts], closed: [stream.closed, socket.closed], delays: clock.delays };
}

const right = minuteWith(() => {});

test("the minute that is played has deadlines of every kind", () => {
  const all = right.told.join("\n");
  for (const state of ["a failed", "a unknown", "b working", "b unknown", "c waiting"]) assert.match(all, `session ${state}`);
  assert.ok(right.beats[0]?.includes("beat"));
});

for (const [what, jump] of Object.entries(JUMPS)) {
  test(`a wall clock that ${what} changes no number, no deadline, no timer and no heartbeat`, () => {
    assert.equal(minuteWith(jump), right);
  });
}

test("a deadline that no timer can wait for is kept to the millisecond, with few timers", () => {
  for (const forgetMs of [LONGEST_TIMER, LONGEST_TIMER + 1, 60 * DAY, 400 * DAY]) {
    const { clock, broker, told } = lonely(forgetMs);
    broker.ingest([agentEvent("session.update")]);
    clock.advance(forgetMs - 1);
    assert.is(told.filter((line) => line.includes("gone")).length, 0, `${forgetMs} ms have not passed`);
    clock.advance(1);
    assert.equal(told.filter((line) => line.includes("gone")), [`${forgetMs} session.gone`]);
    assert.ok(clock.delays.length <= 1 + Math.ceil(forgetMs / LONGEST_TIMER), `${clock.delays.length} timers`);
  }
});

function lonely(forgetMs: number) {
  const clock = new WildClock();
  const broker = createBroker({ clock, timings: { forgetMs } });
  const told: string[] = [];
  broker.onMessages((messages) => told.push(...messages.map(({ body }) => `${clock.now()} ${body.type}`)));
  return { clock, broker, told };
}

test("limits of readers beyond the longest timer never fire early", () => {
  const forever = 100 * DAY;
  const { clock, stream, socket } = benchOf({
    readers: { heartbeatMs: forever, pingMs: forever, pongMs: forever, stallMs: forever },
  });
  clock.advance(2 * HOUR);
  assert.equal([stream.texts, socket.texts, stream.closed, socket.closed], [["hello"], ["hello"], [], []]);
});

test.run();
