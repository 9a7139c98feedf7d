import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../src/broker.ts";
import type { Commit, Store, StoreCapabilities } from "../src/ports/store.ts";
import { memoryStore } from "../src/stores/memory.ts";
import { agentEvent } from "./support/events.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { CountingFraming, FakeSink, plainDialect } from "./support/sinks.ts";

/** A store that keeps at once, later, or never, as the test says. */
class MoodyStore implements Store {
  readonly capabilities: StoreCapabilities;
  readonly #memory = memoryStore();
  /** What `append` does next, and after that. */
  mood: "keep" | "throw" | "wait" = "keep";
  readonly waiting: { keep(): void; refuse(): void }[] = [];

  constructor(gathers: boolean) {
    this.capabilities = { durable: true, gathers };
  }

  append(commit: Commit): void | Promise<void> {
    if (this.mood === "throw") throw new Error("disk full");
    if (this.mood === "keep") return this.#memory.append(commit);
    return new Promise<void>((resolve, reject) => {
      this.waiting.push({
        keep: () => resolve(this.#memory.append(commit)),
        refuse: () => reject(new Error("disk full")),
      });
    });
  }

  bounds() {
    return this.#memory.bounds();
  }

  read(seq: number, limit: number) {
    return this.#memory.read(seq, limit);
  }

  load() {
    return undefined;
  }

  receipt(key: string) {
    return this.#memory.receipt(key);
  }

  check(): void {
    if (this.mood === "throw") throw new Error("disk full");
  }

  close() {}
}

function brokerOf({ gathers = false } = {}) {
  const clock = new FakeClock();
  const store = new MoodyStore(gathers);
  const broker = createBroker({ clock, store });
  let told = 0;
  broker.onMessages((messages) => told += messages.length);
  const sink = new FakeSink();
  broker.hub.channel(new CountingFraming()).subscribe(plainDialect(), sink, []);
  const everything = () => {
    clock.advance(0);
    return [[...broker.sessions()], broker.state(), broker.pet(), broker.bounds(), told, sink.texts];
  };
  return { clock, store, broker, everything };
}

const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

test("what the store refuses at once changes nothing and is told to nobody", () => {
  const { broker, store, everything } = brokerOf();
  broker.ingest([agentEvent("tool.start")]);
  const before = everything();
  store.mood = "throw";
  assert.throws(() => broker.ingest([agentEvent("session.end")]), /can't write to its store/);
  assert.throws(() => broker.switchPet("cat"), /can't write to its store/);
  assert.equal(everything(), before);
  store.mood = "keep";
  broker.ingest([agentEvent("turn.complete")]);
  assert.is(broker.state().state, "done");
});

test("what the store keeps later changes nothing and is told to nobody before it is kept", async () => {
  const { broker, store, everything } = brokerOf();
  const before = everything();
  store.mood = "wait";
  const accepted = broker.ingest([agentEvent("tool.start")]);
  await settled();
  assert.equal(everything(), before);
  store.waiting[0]?.keep();
  const { seqs, cursor } = await accepted;
  assert.equal([seqs, cursor], [[1], `${broker.bounds().epoch}.3`]);
  assert.is(broker.state().state, "working");
  assert.is(everything().at(-2), 3);
});

test("what the store refuses later changes nothing, is told to nobody, and the caller learns of it", async () => {
  const { broker, store, everything } = brokerOf();
  const before = everything();
  store.mood = "wait";
  const accepted = Promise.resolve(broker.ingest([agentEvent("tool.start")])).then(
    () => "accepted",
    (error: Error) => error.message,
  );
  store.waiting[0]?.refuse();
  assert.match(await accepted, /can't write to its store/);
  assert.equal(everything(), before);
});

test("time that the store can't keep acts once it can", () => {
  const { broker, clock, store } = brokerOf();
  broker.ingest([agentEvent("session.end")]);
  store.mood = "throw";
  clock.advance(10_000);
  assert.is(broker.session("s")?.state, "ending");
  store.mood = "keep";
  clock.advance(60_000);
  assert.is(broker.session("s"), undefined);
});

test("time that the store refuses later acts once it can, and nothing is left unhandled", async () => {
  const { broker, clock, store } = brokerOf();
  broker.ingest([agentEvent("session.end")]);
  store.mood = "wait";
  clock.advance(2_500);
  store.waiting[0]?.refuse();
  await settled();
  store.mood = "keep";
  clock.advance(60_000);
  await settled();
  assert.is(broker.session("s"), undefined);
});

test("what comes while the store is at work starts from what that makes true", async () => {
  const { broker, store } = brokerOf();
  store.mood = "wait";
  const accepted = [
    broker.ingest([agentEvent("tool.start", { sessionId: "a" })]),
    broker.ingest([agentEvent("tool.start", { sessionId: "b" })]),
    broker.ingest([agentEvent("session.end", { sessionId: "a" }), agentEvent("tool.end", { sessionId: "b" })]),
  ];
  const pet = broker.switchPet("cat");
  for (const round of [0, 1, 2, 3]) {
    await settled();
    assert.is(store.waiting.length, round + 1, "commits overlap");
    store.waiting[round]?.keep();
  }
  const answers = await Promise.all(accepted);
  await pet;
  assert.equal(answers.flatMap(({ seqs }) => seqs), [1, 4, 7, 10]);
  assert.is(answers[2]?.cursor.split(".")[1], String(broker.bounds().head - 1));
  const { counts, sessionCount } = { counts: broker.state().counts, sessionCount: broker.sessionCount() };
  assert.equal([counts.working, counts.ending, sessionCount, broker.pet()], [1, 1, 2, "cat"]);
});

test("what the store refuses does not hold up what comes after it", async () => {
  const { broker, store } = brokerOf();
  store.mood = "wait";
  const refused = broker.ingest([agentEvent("tool.start", { sessionId: "a" })]);
  const kept = broker.ingest([agentEvent("tool.start", { sessionId: "b" })]);
  await settled();
  store.waiting[0]?.refuse();
  await Promise.resolve(refused).then(
    () => assert.unreachable(),
    (error) => assert.match(String(error), /can't write to its store/),
  );
  await settled();
  store.waiting[1]?.keep();
  assert.equal((await kept).seqs, [1]);
  assert.equal([...broker.sessions()].map(({ id }) => id), ["b"]);
});

test.run();
