import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Broker, createBroker } from "../src/broker.ts";
import { fingerprint } from "../src/core/fingerprint.ts";
import { PerchError } from "../src/errors.ts";
import type { Store } from "../src/ports/store.ts";
import { memoryStore } from "../src/stores/memory.ts";
import { agentEvent } from "./support/events.ts";
import { FakeClock } from "./support/fake-clock.ts";

const start = (more: Parameters<typeof agentEvent>[1] = {}) => agentEvent("tool.start", more);

function brokerOf(store?: Store): Broker {
  return createBroker({ clock: new FakeClock(), ...(store === undefined ? {} : { store }) });
}

/** What comes of a post: how many were taken and where they are, or the error. */
async function post(broker: Broker, ...[events, options]: Parameters<Broker["ingest"]>): Promise<string> {
  try {
    const { accepted, seqs, duplicate } = await broker.ingest(events, options);
    return `${accepted} at ${seqs.join()}${duplicate === true ? " again" : ""}`;
  } catch (error) {
    return error instanceof PerchError ? `${error.status} ${error.code}` : String(error);
  }
}

test("an event with an id is taken once", async () => {
  const broker = brokerOf();
  assert.is(await post(broker, [start({ id: "x" })]), "1 at 1");
  assert.is(await post(broker, [start({ id: "x" })]), "0 at 1 again");
  assert.is(await post(broker, [start({ id: "y" })]), "1 at 4");
  assert.is(await post(broker, [start()]), "1 at 5");
});

test("an id that comes with another body is refused, and all that was posted with it", async () => {
  const broker = brokerOf();
  await post(broker, [start({ id: "x" })]);
  const { head } = broker.bounds();
  assert.is(await post(broker, [start(), start({ id: "x", tool: "other" })]), "422 key_reused");
  assert.is(broker.bounds().head, head);
});

test("of an array only what is new is taken, and each has its place", async () => {
  const broker = brokerOf();
  await post(broker, [start({ id: "x" })]);
  assert.is(
    await post(broker, [start({ id: "y", sessionId: "z" }), start({ id: "x" }), start({ id: "y", sessionId: "z" })]),
    "1 at 4,1,4",
  );
  assert.is(await post(broker, [start({ id: "w" }), start({ id: "w", tool: "other" })]), "422 key_reused");
});

test("a post with a key is taken once as a whole", async () => {
  const broker = brokerOf();
  const events = [start(), start({ sessionId: "b" })];
  assert.is(await post(broker, events, { key: "k" }), "2 at 1,4");
  assert.is(await post(broker, events, { key: "k" }), "0 at 1,4 again");
  assert.is(await post(broker, [start()], { key: "k" }), "422 key_reused");
  assert.is(await post(broker, events, { key: "l" }), "2 at 7,8");
});

test("keys of the post and ids of events, and those of one and of another, never meet", async () => {
  const broker = brokerOf();
  assert.is(await post(broker, [start({ id: "k" })]), "1 at 1");
  assert.is(await post(broker, [start()], { key: "k" }), "1 at 4");
  assert.is(await post(broker, [start({ tool: "b" })], { key: "k", who: "bob" }), "1 at 5");
  assert.is(await post(broker, [start({ id: "k", tool: "c" })], { who: "bob" }), "1 at 7");
  assert.is(await post(broker, [start({ id: "k" })]), "0 at 1 again");
});

test("the same key a hundred times at once is one event", async () => {
  const broker = brokerOf();
  const answers = await Promise.all(Array.from({ length: 100 }, () => post(broker, [start({ id: "x" })])));
  assert.equal(answers.toSorted(), [...Array<string>(99).fill("0 at 1 again"), "1 at 1"]);
});

test("what is refused may be tried again with its key", async () => {
  const broker = createBroker({ clock: new FakeClock(), maxSessions: 1 });
  await post(broker, [start({ sessionId: "a" })]);
  assert.is(await post(broker, [start({ sessionId: "b", id: "x" })]), "503 too_many_sessions");
  await post(broker, [agentEvent("turn.complete", { sessionId: "a" })]);
  assert.is(await post(broker, [start({ sessionId: "a", id: "x" })]), "1 at 7");
});

test("a store that takes its time: the same key is 409 until it is known what became of it", async () => {
  const memory = memoryStore();
  const waiting: (() => void)[] = [];
  const store: Store = {
    ...memory,
    append: (commit) => new Promise((resolve) => waiting.push(() => resolve(memory.append(commit)))),
  };
  const broker = brokerOf(store);
  const first = post(broker, [start({ id: "x" })], { key: "k" });
  assert.is(await post(broker, [start({ id: "x" })]), "409 in_flight");
  assert.is(await post(broker, [start()], { key: "k" }), "409 in_flight");
  waiting[0]?.();
  assert.is(await first, "1 at 1");
  assert.is(await post(broker, [start({ id: "x" })]), "0 at 1 again");
});

test("fingerprints are 13 digits, and 200,000 texts have as many of them", () => {
  const prints = new Set<string>();
  for (let i = 0; i < 200_000; i += 1) prints.add(fingerprint(`{"kind":"tool.start","sessionId":"s","n":${i}}`));
  assert.is(prints.size, 200_000);
  for (const text of ["", "a", "\0", "x".repeat(100_000)]) assert.match(fingerprint(text), /^[0-9a-f]{13}$/);
});

test.run();
