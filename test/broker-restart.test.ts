import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Broker, type BrokerOptions, createBroker } from "../src/broker.ts";
import type { Message } from "../src/protocol/message.ts";
import { agentEvent } from "./support/events.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { FakeMark, freshPath, openStore } from "./stores/_open.ts";

const DAY = 86_400_000;

/** A broker that can be killed and started again: its clock knows nothing of the one before. */
function restartable(options: BrokerOptions = {}) {
  const path = freshPath();
  const mark = new FakeMark();
  let wall = Date.UTC(2030, 0, 1);
  let clock = new FakeClock({ wall });
  let store = openStore(path, { mark });
  let broker = createBroker({ ...options, clock, store });
  return {
    get broker(): Broker {
      return broker;
    },
    get clock(): FakeClock {
      return clock;
    },
    /** Waits for the commit. */
    async ingest(...events: Parameters<Broker["ingest"]>[0]) {
      const accepted = broker.ingest(events);
      clock.advance(0);
      return await accepted;
    },
    /** What a kill leaves is what is in the file: the store is closed without the broker's knowledge. */
    restart(downMs: number) {
      wall = clock.wall() + downMs;
      clock = new FakeClock({ wall });
      store.close();
      store = openStore(path, { mark });
      broker = createBroker({ ...options, clock, store });
    },
  };
}

const shown = (broker: Broker) => ({
  sessions: [...broker.sessions()],
  state: broker.state(),
  pet: broker.pet(),
  bounds: broker.bounds(),
});

const typesAfter = (broker: Broker, seq: number) => broker.read(seq, 1_000).map(({ body }: Message) => body.type);

test("a broker goes on as if it had never been away", async () => {
  const life = restartable();
  for (const sessionId of ["b", "a", "c"]) await life.ingest(agentEvent("prompt.submit", { sessionId, title: sessionId }));
  await life.ingest(agentEvent("tool.start", { sessionId: "a", tool: "Bash", toolUseId: "t1", id: "once" }));
  await life.ingest(agentEvent("permission.request", { sessionId: "c", tool: "Edit" }));
  const chosen = life.broker.switchPet("cat");
  life.clock.advance(0);
  await chosen;
  const before = shown(life.broker);
  life.restart(0);
  assert.equal(shown(life.broker), before);
  assert.equal([...life.broker.sessions()].map(({ id }) => id), ["b", "a", "c"]);
});

test("what ended while nobody was there ends at the start, in order, as of then", async () => {
  const life = restartable();
  await life.ingest(agentEvent("tool.start", { sessionId: "silent" }));
  life.clock.advance(10_000);
  await life.ingest(agentEvent("session.end", { sessionId: "over" }));
  await life.ingest(agentEvent("prompt.submit", { sessionId: "turn" }));
  const { head } = life.broker.bounds();
  const at = life.clock.wall();
  life.restart(60_000);
  const { broker } = life;
  assert.equal([...broker.sessions()].map(({ id, state }) => `${id} ${state}`), ["silent unknown", "turn working"]);
  assert.is(broker.session("turn")?.since, at + 1_500);
  assert.is(broker.session("silent")?.since, at + 20_000);
  assert.equal(broker.read(head, 100).map(({ sessionId }) => sessionId).filter((id) => id !== undefined), [
    "turn",
    "over",
    "silent",
  ]);
});

test("a restart makes nothing fresher: what is left of a time is what is left of it", async () => {
  const life = restartable();
  await life.ingest(agentEvent("tool.start"));
  for (let round = 0; round < 4; round += 1) {
    life.clock.advance(4_000);
    life.restart(3_000);
    assert.is(life.broker.session("s")?.state, "working", `round ${round}`);
  }
  life.clock.advance(1_999);
  assert.is(life.broker.session("s")?.state, "working");
  life.clock.advance(1);
  assert.is(life.broker.session("s")?.state, "unknown");
});

test("where the wall clock went back, time goes on from the last commit: nothing is shown for longer than its whole time", async () => {
  const life = restartable();
  await life.ingest(agentEvent("tool.start"));
  life.clock.advance(20_000);
  life.restart(-3_600_000);
  life.clock.advance(29_999);
  assert.is(life.broker.session("s")?.state, "working");
  life.clock.advance(1);
  assert.is(life.broker.session("s")?.state, "unknown");
});

test("whoever was silent for a day is forgotten, also if nobody was there", async () => {
  const life = restartable();
  await life.ingest(agentEvent("tool.start"));
  life.restart(2 * DAY);
  assert.equal([life.broker.sessionCount(), life.broker.state().state], [0, "idle"]);
  assert.is(life.broker.read(0, 100).at(-2)?.body.type, "session.gone");
});

test("the aggregate keeps its since and its reason, and a pet that was chosen beats the default", async () => {
  const life = restartable({ pet: "boba" });
  await life.ingest(agentEvent("prompt.submit"));
  life.clock.advance(1_500);
  const { since, because } = life.broker.state();
  assert.is(life.broker.pet(), "boba");
  const chosen = life.broker.switchPet("cat");
  life.clock.advance(0);
  await chosen;
  life.restart(100);
  assert.equal([life.broker.state().since, life.broker.state().because, life.broker.pet()], [since, because, "cat"]);
});

test("what was posted with an id before is not taken again after a restart", async () => {
  const life = restartable();
  const first = await life.ingest(agentEvent("tool.start", { id: "once" }));
  life.restart(0);
  const { head } = life.broker.bounds();
  const again = await life.ingest(agentEvent("tool.start", { id: "once" }));
  assert.equal([again.accepted, again.seqs, again.duplicate], [0, first.seqs, true]);
  assert.is(life.broker.bounds().head, head);
});

test("a session that changed without a word is as it was, however long ago the checkpoint is", async () => {
  const life = restartable();
  await life.ingest(agentEvent("prompt.submit", { sessionId: "quiet" }));
  life.clock.advance(2_000);
  await life.ingest(agentEvent("session.update", { sessionId: "quiet" }));
  const before = life.broker.session("quiet");
  for (let round = 0; round < 30; round += 1) {
    const kinds = round % 2 === 0 ? "tool.start" as const : "tool.end" as const;
    await life.ingest(...Array.from({ length: 100 }, (_, index) => agentEvent(kinds, { sessionId: `s${index}`, tool: "t" })));
  }
  assert.ok(life.broker.bounds().head > 6_000);
  life.restart(0);
  assert.equal(life.broker.session("quiet"), before);
  assert.is(life.broker.sessionCount(), 101);
});

test("posts that come together are one commit, and each gets its own answer", async () => {
  const life = restartable();
  const { broker, clock } = life;
  const commits: number[] = [];
  broker.onMessages((messages) => commits.push(messages.filter(({ body }) => body.type === "event").length));
  const answers = ["a", "b", "c"].map((sessionId) => broker.ingest([agentEvent("tool.start", { sessionId })]));
  assert.equal([broker.sessionCount(), commits], [0, []], "nothing is true before it is kept");
  clock.advance(0);
  const seqs = (await Promise.all(answers)).flatMap((answer) => answer.seqs);
  assert.equal([commits, seqs.length, new Set(seqs).size], [[3], 3, 3]);
  const many = Array.from({ length: 64 }, () => broker.ingest([agentEvent("tool.start")]));
  assert.equal(commits, [3, 64], "a full group waits for nothing");
  await Promise.all(many);
  assert.is(typesAfter(broker, 0).filter((type) => type === "event").length, 67);
});

test("one that is refused leaves nothing behind, and those beside it are kept", async () => {
  const life = restartable({ maxSessions: 2 });
  const { broker, clock } = life;
  const post = (...ids: string[]) =>
    Promise.resolve(broker.ingest(ids.map((sessionId) => agentEvent("tool.start", { sessionId })))).then(
      ({ accepted }) => accepted,
      (error: Error & { code?: string }) => error.code,
    );
  const answers = [post("a"), post("b", "c"), post("d"), post("e", "a"), post("a")];
  clock.advance(0);
  assert.equal(await Promise.all(answers), [1, "too_many_sessions", 1, "too_many_sessions", 1]);
  assert.equal([...broker.sessions()].map(({ id }) => id), ["a", "d"]);
});

test.run();
