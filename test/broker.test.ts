import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BrokerOptions, createBroker } from "../src/broker.ts";
import { DEFAULT_ORDER } from "../src/core/states.ts";
import { UnavailableError } from "../src/errors.ts";
import type { Store } from "../src/ports/store.ts";
import type { Message } from "../src/protocol/message.ts";
import { memoryStore } from "../src/stores/memory.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { agentEvent } from "./support/events.ts";
import { CountingFraming, FakeSink, plainDialect } from "./support/sinks.ts";

const EPOCH = "epoch12345";

/** A broker on a clock that stands still, and everything that it has told. */
function brokerOf(options: BrokerOptions = {}) {
  const clock = new FakeClock();
  const broker = createBroker({ clock, store: memoryStore({ epoch: EPOCH }), ...options });
  const told: Message[] = [];
  broker.onMessages((messages) => void told.push(...messages));
  const news = () =>
    told.splice(0).map(({ body, sessionId }) => sessionId === undefined ? body.type : `${body.type} ${sessionId}`);
  return { clock, broker, news };
}

const event = (kind: Parameters<typeof agentEvent>[0], sessionId = "a") => agentEvent(kind, { sessionId });

const isUnavailable = (code: string) => (error: unknown) => error instanceof UnavailableError && error.code === code;

test("a broker without sessions is idle, and no timer is armed", () => {
  const { broker, clock } = brokerOf();
  assert.equal([broker.state().state, broker.state().pose, broker.pet()], ["idle", "idle", null]);
  assert.equal([broker.sessionCount(), clock.pending, clock.deferred], [0, 0, 0]);
  assert.equal([broker.state().since, broker.startedAt], [clock.wall(), clock.wall()]);
  assert.equal(broker.bounds(), { epoch: EPOCH, head: 0, oldest: 1 });
});

test("what was accepted has its places in the log, and a cursor after all that followed from it", () => {
  const { broker } = brokerOf();
  assert.equal(broker.ingest([event("tool.start"), event("tool.end")]), { accepted: 2, seqs: [1, 4], cursor: `${EPOCH}.4` });
  assert.equal(broker.read(0, 10).map(({ body }) => body.type), ["event", "session", "state", "event"]);
  assert.equal(broker.ingest([]), { accepted: 0, seqs: [], cursor: `${EPOCH}.4` });
});

test("events change the sessions and the aggregate at once, and listeners and readers are told", () => {
  const { broker, clock, news } = brokerOf();
  const sink = new FakeSink();
  broker.hub.channel(new CountingFraming()).subscribe(plainDialect(), sink, []);
  broker.ingest([event("tool.start")]);
  assert.equal([broker.session("a")?.state, broker.state().state, broker.state().counts.working], ["working", "working", 1]);
  assert.equal(news(), ["event a", "session a", "state"]);
  assert.equal(sink.texts, []);
  clock.advance(0);
  assert.equal(sink.texts, ["event 1", "session a 2", "state 3"]);
});

test("events of the v0 surface follow the plain rules", () => {
  const { broker, clock } = brokerOf();
  broker.ingest([event("tool.start")], { plain: true });
  clock.advance(30_000);
  assert.is(broker.session("a")?.state, "idle");
});

test("a session lives through its deadlines on time, and is forgotten", () => {
  const { broker, clock, news } = brokerOf();
  broker.ingest([event("session.end")]);
  news();
  clock.advance(2_499);
  assert.is(broker.session("a")?.state, "ending");
  clock.advance(1);
  assert.equal([broker.session("a"), broker.sessionCount(), broker.state().state], [undefined, 0, "idle"]);
  assert.equal(news(), ["session.gone a", "state"]);
  assert.is(clock.pending, 0);
});

test("one timer serves any number of sessions", () => {
  const { broker, clock } = brokerOf();
  for (let id = 0; id < 500; id += 1) {
    broker.ingest([event(id % 2 === 0 ? "prompt.submit" : "session.end", `s${id}`)]);
    clock.advance(1);
    assert.is(clock.pending, 1);
  }
  clock.advance(3_000);
  assert.is(clock.pending, 1);
  assert.is(broker.sessionCount(), 250);
});

test("a deadline that comes before the armed one is met", () => {
  const { broker, clock } = brokerOf();
  broker.ingest([event("session.update", "late")]);
  broker.ingest([event("session.end", "early")]);
  assert.is(clock.pending, 1);
  clock.advance(2_500);
  assert.is(broker.session("early"), undefined);
  clock.advance(86_400_000);
  assert.equal([broker.sessionCount(), clock.pending], [0, 0]);
});

test("many sessions that are due at once expire in slices, between which other work has its turn", () => {
  const { broker, clock } = brokerOf({ store: memoryStore({ limits: { items: 100_000, bytes: Infinity } }) });
  for (let id = 0; id < 1_000; id += 1) broker.ingest([event("tool.start", `s${id}`)]);
  const commits: number[] = [];
  broker.onMessages((messages) => {
    commits.push(messages.filter(({ body }) => body.type === "session").length);
    if (commits.length === 1) broker.clock.defer(() => broker.ingest([event("tool.start", "meanwhile")]));
  });
  clock.advance(30_000);
  assert.is(broker.state().counts.unknown, 1_000);
  assert.ok(commits.every((count) => count <= 100), `slices of ${commits}`);
  assert.ok(commits.indexOf(1) < 3, "an event that came between the slices was not taken between them");
  assert.is(clock.pending, 1);
});

test("at the limit the session that has been quiet for longest is evicted, and that is told", () => {
  const { broker, clock, news } = brokerOf({ maxSessions: 3 });
  for (const id of ["a", "b", "c"]) {
    broker.ingest([event("session.update", id)]);
    clock.advance(10);
  }
  broker.ingest([event("tool.start", "a"), event("session.interrupt", "a")]);
  news();
  broker.ingest([event("session.update", "d")]);
  assert.equal(news(), ["session.gone b", "state", "event d", "session d", "state"]);
  assert.equal([...broker.sessions()].map(({ id }) => id), ["a", "c", "d"]);
  assert.is(broker.sessionCount(), 3);
});

test("a batch that needs more room than there is changes nothing and tells nothing", () => {
  const { broker, news } = brokerOf({ maxSessions: 2 });
  broker.ingest([event("tool.start", "busy"), event("session.update", "quiet")]);
  news();
  const before = [[...broker.sessions()], broker.state(), broker.bounds()];
  const batch = [event("session.end", "busy"), event("tool.start", "x"), event("tool.start", "y"), event("tool.start", "z")];
  assert.throws(() => broker.ingest(batch), isUnavailable("too_many_sessions"));
  assert.equal([[...broker.sessions()], broker.state(), broker.bounds()], before);
  assert.equal(news(), []);
  assert.equal(broker.ingest([event("tool.start", "x")]), { accepted: 1, seqs: [9], cursor: `${EPOCH}.11` });
});

test("a pet that is switched is told each time, and kept", () => {
  const { broker, news } = brokerOf({ pet: "cat" });
  assert.is(broker.pet(), "cat");
  broker.switchPet("dog");
  broker.switchPet("dog");
  assert.equal([broker.pet(), news()], ["dog", ["pet", "pet"]]);
});

test("a listener that throws stops nobody", () => {
  const { clock, broker } = brokerOf();
  let told = 0;
  broker.onMessages(() => {
    throw new Error("broken listener");
  });
  broker.onMessages((messages) => told += messages.length);
  const sink = new FakeSink();
  broker.hub.channel(new CountingFraming()).subscribe(plainDialect(), sink, []);
  broker.ingest([event("session.end")]);
  clock.advance(2_500);
  assert.equal([told, sink.texts.length, broker.sessionCount()], [5, 5, 0]);
});

test("a listener that takes in an event itself is told of it after what it was told of, and so is everybody", () => {
  const { clock, broker, news } = brokerOf();
  let isFirst = true;
  broker.onMessages(() => {
    if (isFirst) {
      isFirst = false;
      broker.ingest([event("tool.start", "nested")]);
    }
  });
  const seqs: number[] = [];
  broker.onMessages((messages) => seqs.push(...messages.map(({ seq }) => seq)));
  const sink = new FakeSink();
  broker.hub.channel(new CountingFraming()).subscribe(plainDialect(), sink, []);
  broker.ingest([event("tool.start", "outer")]);
  clock.advance(0);
  assert.equal(news(), ["event outer", "session outer", "state", "event nested", "session nested", "state"]);
  assert.equal(seqs, [1, 2, 3, 4, 5, 6]);
  assert.equal(sink.texts, ["event 1", "session outer 2", "state 3", "event 4", "session nested 5", "state 6"]);
});

test("a listener that has stopped is told nothing more", () => {
  const { broker } = brokerOf();
  let told = 0;
  const stop = broker.onMessages(() => told += 1);
  broker.ingest([event("tool.start")]);
  stop();
  broker.ingest([event("tool.end")]);
  assert.is(told, 1);
});

test("a draining broker takes no events and no pet, and still lets time pass", () => {
  const { broker, clock } = brokerOf();
  broker.ingest([event("session.end")]);
  assert.is(broker.isDraining(), false);
  broker.drain();
  assert.is(broker.isDraining(), true);
  assert.throws(() => broker.ingest([event("tool.start")]), isUnavailable("shutting_down"));
  assert.throws(() => broker.switchPet("cat"), isUnavailable("shutting_down"));
  clock.advance(2_500);
  assert.is(broker.sessionCount(), 0);
});

test("a closed broker lets no more time pass, and closes its store once", async () => {
  let closed = 0;
  const store: Store = { ...memoryStore(), close: () => void (closed += 1) };
  const { broker, clock } = brokerOf({ store });
  broker.ingest([event("session.end")]);
  broker.hub.channel(new CountingFraming()).subscribe(plainDialect(), new FakeSink(), []);
  clock.advance(0);
  await broker.close();
  await broker.close();
  assert.is(clock.pending, 0);
  clock.advance(60_000);
  assert.equal([closed, broker.sessionCount(), clock.pending], [1, 1, 0]);
  assert.throws(() => broker.ingest([event("tool.start")]), isUnavailable("shutting_down"));
});

test("options that can't be are refused, and the error names them", () => {
  for (const maxSessions of [0, -1, 1.5, NaN, Infinity]) {
    const named = (error: unknown) => error instanceof RangeError && error.message.includes(`${maxSessions}`);
    assert.throws(() => createBroker({ maxSessions }), named);
  }
  assert.throws(() => createBroker({ order: DEFAULT_ORDER.slice(1) }), (error: unknown) => error instanceof RangeError);
});

test("the order and the timings can be set", () => {
  const { broker, clock } = brokerOf({ order: [...DEFAULT_ORDER].reverse(), timings: { doneMs: 5 } });
  broker.ingest([event("turn.complete", "a"), event("tool.start", "b")]);
  assert.is(broker.state().state, "working");
  clock.advance(5);
  assert.equal([broker.session("a")?.state, broker.state().state], ["idle", "idle"]);
});

test.run();
