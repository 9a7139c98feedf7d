import { test } from "uvu";
import * as assert from "uvu/assert";
import { newSession, type Session } from "../../src/core/session.ts";
import { describeSession } from "../../src/protocol/describe.ts";
import { Message, TOPIC_OF } from "../../src/protocol/message.ts";
import { type EventData, type StateData, TOPICS } from "../../src/protocol/types.ts";

const because = { seq: 1, kind: "tool.start", source: "hook", at: 5, rule: "tool.started" } as const;
const counts = { failed: 0, waiting: 0, prompted: 0, starting: 0, ending: 0, done: 0, working: 1, unknown: 0, idle: 0 };

const EVENT: EventData = { kind: "tool.start", sessionId: "s", seq: 1, receivedAt: 5, title: "secret title" };
const SESSION: Session = {
  ...newSession(EVENT, 90_000),
  agent: "claude-code",
  state: "working",
  title: "secret title",
  activity: "secret activity",
  tool: "secret tool",
  cwd: "/secret",
  pid: 42,
  because,
};
const STATE: StateData = { state: "working", pose: "run", since: 5, counts, because: { ...because, sessionId: "s" } };

const session = new Message(2, { type: "session", session: SESSION }, "s");
const state = new Message(3, { type: "state", data: STATE });
const gone = new Message(4, { type: "session.gone", data: { id: "s", reason: "ended" } }, "s");
const pet = new Message(5, { type: "pet", data: { slug: "cat" } });
const event = new Message(1, { type: "event", data: EVENT }, "s");

test("shows everything to readers who may see it", () => {
  assert.equal(JSON.parse(session.json("full")), describeSession(SESSION));
  assert.equal(JSON.parse(state.json("full")), STATE);
  assert.equal(JSON.parse(event.json("full")), EVENT);
});

test("shows others of a session its id, agent, state, pose and since, and of the aggregate no reason", () => {
  assert.equal(JSON.parse(session.json("bare")), { id: "s", agent: "claude-code", state: "working", pose: "run", since: 5 });
  assert.equal(JSON.parse(state.json("bare")), { state: "working", pose: "run", since: 5, counts });
  assert.not.match(session.json("bare") + state.json("bare"), /secret|because|pid/);
});

test("shows a pet and the end of a session to everyone alike", () => {
  for (const message of [pet, gone]) assert.is(message.json("bare"), message.json("full"));
  assert.is(pet.json("bare"), '{"slug":"cat"}');
});

test("is made JSON of once for each view, whatever the number of readers", () => {
  let reads = 0;
  const data = {
    get slug(): string {
      reads += 1;
      return "cat";
    },
  };
  const message = new Message(1, { type: "pet", data });
  assert.is(reads, 0);
  for (let reader = 0; reader < 10; reader += 1) message.json("full");
  assert.is(reads, 1);
  for (let reader = 0; reader < 10; reader += 1) message.json("bare");
  assert.is(reads, 2);
});

test("replaces older messages of the same key, and events none", () => {
  assert.is(event.key, undefined);
  assert.equal([session.key, gone.key], ["session s", "session s"]);
  const other = new Message(6, { type: "session", session: { ...SESSION, id: "pet" } }, "pet");
  assert.is(new Set([session.key, other.key, state.key, pet.key]).size, 4);
});

test("every type has a topic that a stream can ask for", () => {
  assert.equal(TOPIC_OF, { state: "state", session: "sessions", "session.gone": "sessions", pet: "pet", event: "events" });
  for (const topic of Object.values(TOPIC_OF)) assert.ok(TOPICS.includes(topic));
});

test("weighs more with every text that it holds", () => {
  const text = "x".repeat(1_000);
  const ofEvent = (data: Partial<EventData>) =>
    new Message(1, { type: "event", data: { ...EVENT, title: "", ...data } }, "s").bytes;
  const ofSession = (data: Partial<Session>) =>
    new Message(1, { type: "session", session: { ...newSession(EVENT, 90_000), ...data } }, "s").bytes;
  assert.ok(ofEvent({}) > 0 && ofSession({}) > 0);
  for (const field of ["title", "activity", "cwd"]) {
    assert.is(ofEvent({ [field]: text }), ofEvent({}) + 2_000);
    assert.is(ofSession({ [field]: text }), ofSession({}) + 2_000);
  }
  assert.is(ofEvent({ reason: text }), ofEvent({}) + 2_000);
  assert.ok(pet.bytes > 0 && state.bytes > 0 && gone.bytes > 0);
});

test("tells of details only when it was made so", () => {
  assert.not(session.detailsOnly);
  assert.ok(new Message(2, { type: "session", session: SESSION }, "s", true).detailsOnly);
});

test.run();
