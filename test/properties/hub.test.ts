import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Hub } from "../../src/hub/hub.ts";
import { Lane } from "../../src/hub/lane.ts";
import { DEFAULT_QUEUE_LIMITS } from "../../src/hub/lane-queue.ts";
import { DEFAULT_READER_LIMITS } from "../../src/hub/reader.ts";
import { BusyClock } from "../support/busy-clock.ts";
import { CountingFraming, eventMessage, FakeSink, plainDialect, sessionMessage, type Texts } from "../support/sinks.ts";

const LIMITS = { ...DEFAULT_QUEUE_LIMITS, ...DEFAULT_READER_LIMITS };
const DIALECTS = [{ name: "all" }, { name: "other" }, { name: "a", sessionId: "a" }, { name: "b", sessionId: "b" }] as const;

/** What a reader must be told that joined after message `from`, and left after message `to`, when it did. */
interface Expected {
  readonly sink: FakeSink;
  readonly from: number;
  readonly sessionId: string | undefined;
  to: number | undefined;
}

/** Every reader was told each of its messages once and in order: all of them if it stayed, the first ones if it left. */
function assertTold(readers: readonly Expected[], sessions: readonly string[]): void {
  for (const { sink, from, to, sessionId } of readers) {
    const seqs = sessions.map((_, index) => index + 1).slice(from, to);
    const due = seqs.filter((seq) => sessionId === undefined || sessions[seq - 1] === sessionId).map((seq) => `event ${seq}`);
    assert.equal(sink.texts, to === undefined ? due : due.slice(0, sink.texts.length));
  }
}

test("in a lane, however passes are cut into slices, each reader is told each message once and in order", () => {
  const anyDeed = fc.constantFrom("publish", "publish", "slice", "slice", "join", "leave");
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.array(fc.tuple(anyDeed, fc.nat()), { maxLength: 80 }), (crowd, deeds) => {
      const framing = new CountingFraming();
      let leaves = 0;
      const lane = new Lane<Texts>(plainDialect(), framing, LIMITS, { cut() {}, left: () => void (leaves += 1) });
      const readers: (Expected & { leave(): void })[] = [];
      const sessions: string[] = [];
      const join = () => {
        const sink = new FakeSink(framing);
        const reader = lane.add(sink, [], 0);
        readers.push({ sink, from: sessions.length, to: undefined, sessionId: undefined, leave: () => lane.remove(reader) });
      };
      for (let count = 0; count < crowd; count += 1) join();
      for (const [deed, number] of deeds) {
        if (deed === "publish") lane.publish(eventMessage(sessions.push("a")));
        else if (deed === "slice") lane.pump(0, () => true);
        else if (deed === "join") join();
        else {
          const reader = readers[number % readers.length];
          reader?.leave();
          if (reader !== undefined) reader.to ??= sessions.length;
        }
      }
      while (!lane.pump(0, () => true));
      assertTold(readers, sessions);
      assert.is(framing.frames, sessions.length);
      assert.is(leaves, readers.filter(({ to }) => to !== undefined).length);
    }),
    { numRuns: 300 },
  );
});

test("in a hub, whatever happens while readers are written to, each is told each of its messages once and in order", () => {
  const anyDeed = fc.constantFrom("publish", "publish", "publish", "join", "leave", "nothing", "nothing", "nothing");
  const anyScript = fc.array(fc.tuple(anyDeed, fc.nat(), fc.nat(2)), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), anyScript, (crowd, script) => {
      const deeds = [...script];
      const clock = new BusyClock();
      const hub = new Hub({ clock });
      const channel = hub.channel(new CountingFraming());
      const readers: (Expected & { leave(): void })[] = [];
      const sessions: string[] = [];
      const join = (number: number) => {
        const dialect = DIALECTS[number % DIALECTS.length] ?? DIALECTS[0];
        const sink = new FakeSink();
        const { sessionId } = plainDialect(dialect);
        const subscription = channel.subscribe(plainDialect(dialect), sink, []);
        sink.onWrite = act;
        readers.push({ sink, from: sessions.length, to: undefined, sessionId, leave: () => subscription.end() });
      };
      const act = () => {
        const [deed, number, ms] = deeds.shift() ?? ["nothing", 0, 0];
        clock.spend(ms);
        if (deed === "publish") {
          const id = number % 2 === 0 ? "a" : "b";
          hub.publish([eventMessage(sessions.push(id), id)]);
        } else if (deed === "join") join(number);
        else if (deed === "leave") {
          const reader = readers[number % readers.length];
          reader?.leave();
          if (reader !== undefined) reader.to ??= sessions.length;
        }
      };
      for (let count = 0; count < crowd; count += 1) join(count);
      while (deeds.length > 0) {
        act();
        clock.advance(0);
      }
      assertTold(readers, sessions);
      assert.is(hub.size, readers.filter(({ to }) => to === undefined).length);
    }),
    { numRuns: 300 },
  );
});

const KEYS = ["a", "b", "c"] as const;
const slowDeeds = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ deed: fc.constant("publish"), key: fc.constantFrom(...KEYS), reader: fc.constant(0) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ deed: fc.constantFrom("stall", "drain"), key: fc.constant("a"), reader: fc.nat(4) }),
    },
    { weight: 2, arbitrary: fc.record({ deed: fc.constant("pump"), key: fc.constant("a"), reader: fc.constant(0) }) },
  ),
  { maxLength: 120 },
);

/** What a reader of the state knows after all that it was told, and how many messages that stands for. */
function understand(texts: readonly string[]) {
  let known = new Map<string, number>();
  let count = 0;
  for (const text of texts) {
    const [type = "", key = "", seq = "", conflated = "+0"] = text.split(" ");
    if (type === "snapshot") {
      known = new Map(
        key.split(",").flatMap((entry) => {
          const [name = "", place = ""] = entry.split("=");
          return name === "" ? [] : [[name, Number(place)]];
        }),
      );
      count = Number(seq);
    } else {
      assert.ok(Number(seq) > Math.max(0, ...known.values()), `${text} came after ${[...known]}`);
      known.set(key, Number(seq));
      count += 1 + Number(conflated);
    }
  }
  return { known, count };
}

test("a slow reader of the state knows the same as a fast one in the end, and how much it was not told", () => {
  fc.assert(
    fc.property(slowDeeds, fc.integer({ min: 1, max: 20 }), (deeds, messages) => {
      const now = new Map<string, number>();
      let seq = 0;
      const restart = () => [`snapshot ${[...now].map((entry) => entry.join("=")).join()} ${seq}`];
      const framing = new CountingFraming();
      const limits = { ...LIMITS, messages, highWaterBytes: 1 };
      const lane = new Lane<Texts>(plainDialect({ restart }), framing, limits, { cut: assert.unreachable, left() {} });
      const sinks = Array.from({ length: 5 }, () => new FakeSink(framing));
      for (const sink of sinks) lane.add(sink, [], 0);
      for (const { deed, key, reader } of deeds) {
        const sink = sinks[reader];
        if (deed === "publish") {
          now.set(key, ++seq);
          lane.publish(sessionMessage(seq, key));
        } else if (deed === "stall" && sink !== undefined && reader !== 0) sink.backlog = 1;
        else if (deed === "drain") sink?.drain();
        else if (deed === "pump") lane.pump(0, () => false);
      }
      for (const sink of sinks) sink.drain();
      lane.pump(0, () => false);
      const sorted = (known: ReadonlyMap<string, number>) => [...known].toSorted();
      for (const sink of sinks) {
        const { known, count } = understand(sink.texts);
        assert.equal(sorted(known), sorted(now));
        assert.is(count, seq);
      }
      assert.is(lane.isAnyBehind, false);
    }),
    { numRuns: 500 },
  );
});

test("a slow reader of events is told each one in order, or cut when it was more than its limit behind", () => {
  fc.assert(
    fc.property(slowDeeds, fc.integer({ min: 1, max: 10 }), (deeds, behindMessages) => {
      const framing = new CountingFraming();
      const limits = { ...LIMITS, behindMessages, highWaterBytes: 1 };
      const lane = new Lane<Texts>(plainDialect({ canRestart: false }), framing, limits, { cut() {}, left() {} });
      const sinks = Array.from({ length: 5 }, () => new FakeSink(framing));
      for (const sink of sinks) lane.add(sink, [], 0);
      let seq = 0;
      const overdue = new Set<FakeSink>();
      const pump = () => {
        for (const sink of sinks) if (sink.backlog > 0 && seq - sink.texts.length > behindMessages) overdue.add(sink);
        lane.pump(0, () => false);
      };
      for (const { deed, reader } of deeds) {
        const sink = sinks[reader];
        if (deed === "publish") lane.publish(eventMessage(++seq));
        else if (deed === "stall" && sink !== undefined) sink.backlog = 1;
        else if (deed === "drain") sink?.drain();
        else if (deed === "pump") pump();
      }
      for (const sink of sinks) sink.drain();
      pump();
      for (const sink of sinks) {
        const told = overdue.has(sink) ? sink.texts.length : seq;
        assert.equal(sink.texts, Array.from({ length: told }, (_, index) => `event ${index + 1}`));
        assert.equal(sink.closed, overdue.has(sink) ? ["4408 too far behind"] : []);
      }
    }),
    { numRuns: 500 },
  );
});

test.run();
