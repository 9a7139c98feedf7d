import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Broker, type BrokerOptions, createBroker } from "../../src/broker.ts";
import { emptyAggregate } from "../../src/core/aggregate.ts";
import { DEFAULT_ORDER } from "../../src/core/states.ts";
import { UnavailableError } from "../../src/errors.ts";
import { describeSession } from "../../src/protocol/describe.ts";
import type { Message } from "../../src/protocol/message.ts";
import type { SessionData, StateData } from "../../src/protocol/types.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { anyEvent, anyPause, type Happening, happenings } from "../support/events.ts";
import { FakeClock } from "../support/fake-clock.ts";

const LIMITS = { items: 100_000, bytes: Infinity };
const DAY = 86_400_000;

/** A broker, its clock, and all that it has told. */
function brokerOf(options: BrokerOptions = {}) {
  const clock = new FakeClock();
  const broker = createBroker({ clock, store: memoryStore({ limits: LIMITS, epoch: "epoch12345" }), ...options });
  const told: Message[] = [];
  broker.onMessages((messages) => void told.push(...messages));
  return { clock, broker, told };
}

function assertCounted(broker: Broker): void {
  const counts = { ...emptyAggregate().counts };
  for (const { state } of broker.sessions()) counts[state] += 1;
  assert.equal(broker.state().counts, counts);
  assert.is(broker.state().state, DEFAULT_ORDER.find((state) => counts[state] > 0) ?? "idle");
}

/** What a reader knows that was told everything from the beginning. */
class Follower {
  readonly sessions = new Map<string, SessionData>();
  state: StateData | undefined;
  seq = 0;

  follow(messages: readonly Message[]): void {
    for (const { body, seq } of messages) {
      assert.is(seq, this.seq + 1);
      this.seq = seq;
      if (body.type === "session") this.sessions.set(body.session.id, describeSession(body.session));
      else if (body.type === "session.gone") assert.ok(this.sessions.delete(body.data.id), `${body.data.id} was not there`);
      else if (body.type === "state") this.state = body.data;
    }
  }
}

const WALL_TIMES = new Set(["since", "startedAt", "lastEventAt", "receivedAt", "occurredAt", "at"]);

/** What was told, without any time of a wall clock. */
const timeless = (messages: readonly Message[]): string =>
  JSON.stringify(messages, (key, value: unknown) => WALL_TIMES.has(key) ? undefined : value);

function play(
  all: readonly Happening[],
  { clock, broker }: { clock: FakeClock; broker: Broker },
  note: () => void = () => {},
): void {
  for (const { pause, event, plain } of all) {
    clock.advance(pause);
    note();
    broker.ingest([event], { plain });
    note();
  }
}

test("the counts are always those of a recount of all sessions, and there is one timer at most", () => {
  fc.assert(fc.property(happenings(25), (all) => {
    const bench = brokerOf();
    play(all, bench, () => {
      assertCounted(bench.broker);
      assert.is(bench.clock.pending, bench.broker.sessionCount() === 0 ? 0 : 1);
    });
  }));
});

test("whatever happened, with time alone every session is forgotten and no timer is left", () => {
  fc.assert(fc.property(happenings(25), (all) => {
    const { clock, broker } = brokerOf();
    play(all, { clock, broker });
    clock.advance(1_800_000);
    const { failed, waiting, prompted, starting, ending, done, working } = broker.state().counts;
    assert.equal([failed, waiting, prompted, starting, ending, done, working], [0, 0, 0, 0, 0, 0, 0]);
    clock.advance(DAY);
    assert.equal([broker.sessionCount(), broker.state().state, clock.pending, clock.deferred], [0, "idle", 0, 0]);
  }));
});

test("who follows the messages knows what the broker knows, and numbers follow each other without a gap", () => {
  fc.assert(fc.property(happenings(25), (all) => {
    const bench = brokerOf({ maxSessions: 2 });
    const follower = new Follower();
    bench.broker.onMessages((messages) => follower.follow(messages));
    const check = () => {
      assert.equal(
        [...follower.sessions.values()].toSorted(byId),
        [...bench.broker.sessions()].map(describeSession).toSorted(byId),
      );
      assert.equal(follower.state ?? bench.broker.state(), bench.broker.state());
      assert.is(bench.broker.bounds().head, follower.seq);
    };
    for (const happening of all) {
      try {
        play([happening], bench, check);
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
      }
      check();
    }
  }));
});

const byId = (a: SessionData, b: SessionData): number => a.id < b.id ? -1 : 1;

test("clients' clocks and jumps of the wall clock change neither numbers, nor order, nor what is told", () => {
  fc.assert(fc.property(happenings(20), fc.array(fc.integer({ min: -DAY, max: DAY })), (all, jumps) => {
    const steady = brokerOf();
    play(all, steady);
    const jumping = brokerOf();
    let next = 0;
    const lying = all.map((each, index) => ({ ...each, event: { ...each.event, occurredAt: jumps[index] } }));
    play(lying, jumping, () => jumping.clock.shiftWall(jumps[next++] ?? 0));
    steady.clock.advance(2 * DAY);
    jumping.clock.advance(2 * DAY);
    assert.is(timeless(jumping.told), timeless(steady.told));
  }));
});

test("time that passes in one big step tells the same, at the same times, as in many small ones", () => {
  fc.assert(fc.property(happenings(12), fc.array(anyPause, { maxLength: 15 }), (all, pauses) => {
    const leaping = brokerOf();
    const stepping = brokerOf();
    play(all, leaping);
    play(all, stepping);
    leaping.clock.advance(pauses.reduce((sum, pause) => sum + pause, 0));
    for (const pause of pauses) stepping.clock.advance(pause);
    assert.equal(JSON.stringify(stepping.told), JSON.stringify(leaping.told));
  }));
});

test("a batch that is refused changes nothing, tells nothing, and takes no number", () => {
  const batches = fc.array(fc.array(anyEvent, { minLength: 1, maxLength: 8 }), { maxLength: 8 });
  fc.assert(
    fc.property(batches, fc.integer({ min: 1, max: 2 }), fc.array(anyPause), (all, maxSessions, pauses) => {
      const { clock, broker, told } = brokerOf({ maxSessions });
      for (const [index, batch] of all.entries()) {
        const before = [[...broker.sessions()], broker.state(), broker.bounds(), told.length, clock.pending];
        try {
          const accepted = broker.ingest(batch);
          if (accepted instanceof Promise) throw new Error("the store in memory keeps at once");
          assert.is(accepted.seqs.length, batch.length);
        } catch (error) {
          if (!(error instanceof UnavailableError)) throw error;
          assert.is(error.code, "too_many_sessions");
          assert.equal([[...broker.sessions()], broker.state(), broker.bounds(), told.length, clock.pending], before);
        }
        assertCounted(broker);
        assert.ok(broker.sessionCount() <= maxSessions);
        clock.advance(pauses[index] ?? 0);
      }
    }),
    { numRuns: 300 },
  );
});

test("a batch does the same as its events one by one", () => {
  fc.assert(fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 20 }), fc.boolean(), (batch, plain) => {
    const [whole, single] = [brokerOf(), brokerOf()];
    whole.broker.ingest(batch, { plain });
    for (const event of batch) single.broker.ingest([event], { plain });
    assert.equal(JSON.stringify(whole.told), JSON.stringify(single.told));
    assert.equal([...whole.broker.sessions()], [...single.broker.sessions()]);
    assert.equal(whole.broker.state(), single.broker.state());
  }));
});

test.run();
