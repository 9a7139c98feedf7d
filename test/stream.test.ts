import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Broker, createBroker } from "../src/broker.ts";
import type { Selection } from "../src/hub/dialect.ts";
import { BYTES } from "../src/hub/sse-sink.ts";
import { JSON_WORDING, SSE_WORDING } from "../src/protocol/wording.ts";
import { DEFAULT_TOPICS } from "../src/protocol/types.ts";
import { memoryStore } from "../src/stores/memory.ts";
import { REPLAY_LIMITS, snapshot, snapshotJson, StreamDialect } from "../src/stream.ts";
import { VERSION } from "../src/version.ts";
import { agentEvent } from "./support/events.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { at, listAt } from "./support/json.ts";

const EPOCH = "epoch12345";
const STATE: Selection = { topics: DEFAULT_TOPICS, view: "full" };
const EVENTS: Selection = { topics: ["events"], view: "full" };

function brokerOf(items = 8_192): Broker {
  return createBroker({ clock: new FakeClock(), store: memoryStore({ epoch: EPOCH, limits: { items, bytes: Infinity } }) });
}

/** A broker with a titled session, six messages and the head at 6. */
function busyBroker(items?: number): Broker {
  const broker = brokerOf(items);
  broker.ingest([agentEvent("tool.start", { sessionId: "a", title: "T", tool: "bash", cwd: "/x" })]);
  broker.ingest([agentEvent("turn.complete", { sessionId: "b" })]);
  return broker;
}

const dialectOf = (broker: Broker, selection = STATE) => new StreamDialect(broker, selection, JSON_WORDING, 25_000);

const parsed = (text: string | undefined): unknown => JSON.parse(text ?? "null");
const greetingOf = (dialect: StreamDialect, cursor?: string) => dialect.greet(cursor).map(parsed);
const outline = (messages: readonly unknown[]) =>
  messages.map((message) => `${at(message, "type")} ${at(message, "id") ?? "-"}`);

test("without a cursor a stream starts with hello, reset, a snapshot at the head, and live", () => {
  const messages = greetingOf(dialectOf(busyBroker()));
  assert.equal(outline(messages), ["hello -", "reset -", `snapshot ${EPOCH}.6`, `live ${EPOCH}.6`]);
  const [hello, reset, whole, live] = messages;
  assert.equal(at(hello, "data"), {
    epoch: EPOCH,
    head: 6,
    mode: "snapshot",
    recovered: false,
    heartbeatMs: 25_000,
    version: VERSION,
  });
  assert.equal([at(reset, "data", "reason"), at(whole, "data", "seq"), at(live, "data", "head")], ["none", 6, 6]);
  assert.equal(listAt(whole, "data", "sessions").map((session) => at(session, "id")), ["a", "b"]);
});

test("with a cursor a stream starts with exactly what was missed, each message with its own id", () => {
  const dialect = dialectOf(busyBroker());
  const messages = greetingOf(dialect, `${EPOCH}.1`);
  assert.equal(outline(messages), [
    "hello -",
    `session ${EPOCH}.2`,
    `state ${EPOCH}.3`,
    `session ${EPOCH}.5`,
    `state ${EPOCH}.6`,
    `live ${EPOCH}.6`,
  ]);
  const told = ["since", "mode", "recovered"].map((name) => at(messages[0], "data", name));
  assert.equal(told, [`${EPOCH}.1`, "delta", true]);
  assert.ok(messages.every((message) => at(message, "data", "conflated") === undefined));
  assert.equal(outline(greetingOf(dialect, `${EPOCH}.6`)), ["hello -", `live ${EPOCH}.6`]);
  assert.equal(outline(greetingOf(dialect, "now")), ["hello -", `live ${EPOCH}.6`]);
});

test("a cursor that can't be served starts over, and says why", () => {
  const broker = busyBroker(4);
  const reasons: [string, string][] = [
    ["", "none"],
    ["nonsense", "malformed"],
    ["otherepoch.3", "epoch"],
    [`${EPOCH}.7`, "future"],
    [`${EPOCH}.1`, "gap"],
  ];
  for (const [cursor, reason] of reasons) {
    const messages = greetingOf(dialectOf(broker), cursor);
    assert.equal(outline(messages), ["hello -", "reset -", `snapshot ${EPOCH}.6`, `live ${EPOCH}.6`], cursor);
    assert.is(at(messages[1], "data", "reason"), reason, cursor);
  }
  assert.is(at(greetingOf(dialectOf(broker), `${EPOCH}.2`)[0], "data", "mode"), "delta");
});

test("a cursor is told back, but not a text of any length", () => {
  const [hello] = greetingOf(dialectOf(busyBroker()), "x".repeat(1_000));
  assert.is(at(hello, "data", "since"), "x".repeat(64));
});

test("the limits of a replay are those of the protocol", () => {
  assert.equal(REPLAY_LIMITS, { messages: 4_096, chars: 1_048_576 });
});

test("a replay of as many messages as the limit is made, one more starts over", () => {
  const broker = brokerOf();
  for (let seq = 1; seq <= REPLAY_LIMITS.messages + 1; seq += 1) broker.switchPet("cat");
  assert.is(at(greetingOf(dialectOf(broker), `${EPOCH}.1`)[0], "data", "mode"), "delta");
  const [hello, reset] = greetingOf(dialectOf(broker), `${EPOCH}.0`);
  assert.equal([at(hello, "data", "mode"), at(hello, "data", "recovered")], ["snapshot", false]);
  assert.is(at(reset, "data", "reason"), "too_large");
});

test("a replay of too many characters starts over, and what the reader is not told does not count", () => {
  const broker = brokerOf();
  const activity = "x".repeat(1_000);
  for (let count = 0; count < 1_100; count += 1) {
    broker.ingest([agentEvent("session.update", { activity: `${count}${activity}` })]);
  }
  assert.is(at(greetingOf(dialectOf(broker, EVENTS), `${EPOCH}.0`)[1], "data", "reason"), "too_large");
  const bare: Selection = { topics: ["state"], view: "bare" };
  assert.is(at(greetingOf(dialectOf(broker, bare), `${EPOCH}.0`)[0], "data", "mode"), "delta");
});

test("a reader of the state can start over, one that needs every event can't", () => {
  const broker = busyBroker();
  const restarted = dialectOf(broker).restart()?.map(parsed) ?? [];
  assert.equal(outline(restarted), ["reset -", `snapshot ${EPOCH}.6`, `live ${EPOCH}.6`]);
  assert.is(at(restarted[0], "data", "reason"), "gap");
  for (const topics of [["events"], ["messages"], ["state", "events"]] as const) {
    const dialect = dialectOf(broker, { topics, view: "full" });
    assert.equal([dialect.canRestart, dialect.restart()], [false, undefined]);
  }
});

test("a message tells how many older ones were left out", () => {
  const broker = busyBroker();
  const [message] = broker.read(1, 1);
  if (message === undefined) throw new Error("no message");
  const dialect = dialectOf(broker);
  assert.is(at(parsed(dialect.text(message, 0)), "data", "conflated"), undefined);
  const told = parsed(dialect.text(message, 3));
  assert.equal([at(told, "data", "conflated"), at(told, "data", "id"), at(told, "id")], [3, "a", `${EPOCH}.2`]);
  assert.is(dialectOf(broker, EVENTS).text(message, 0), undefined);
});

test("readers of the same words share a lane, all others do not", () => {
  const broker = busyBroker();
  const selections: Selection[] = [STATE, EVENTS, { ...STATE, view: "bare" }, { ...STATE, sessionId: "a" }, {
    ...STATE,
    sessionId: "b",
  }];
  const names = selections.flatMap((
    selection,
  ) => [dialectOf(broker, selection).name, new StreamDialect(broker, selection, SSE_WORDING, 1).name]);
  assert.is(new Set(names).size, names.length);
  assert.is(dialectOf(broker, { ...STATE, topics: ["sessions", "state", "pet"] }).name, dialectOf(broker).name);
  assert.equal([dialectOf(broker, { ...STATE, sessionId: "a" }).sessionId, dialectOf(broker).sessionId], ["a", undefined]);
});

test("a heartbeat moves the cursor to the head, where the transport has no ping", () => {
  const broker = busyBroker();
  const dialect = new StreamDialect(broker, STATE, SSE_WORDING, 15_000);
  assert.is(dialect.heartbeat?.(), `id: ${EPOCH}.6\n\n`);
  broker.switchPet("cat");
  assert.is(dialect.heartbeat?.(), `id: ${EPOCH}.7\n\n`);
  assert.is(dialectOf(broker).heartbeat, undefined);
});

test("the last words carry no id, so that the reader's cursor stays", () => {
  const bye = parsed(dialectOf(busyBroker()).bye({ reason: "shutdown", reconnectInMs: 700 }));
  assert.equal(bye, { type: "bye", data: { reason: "shutdown", reconnectInMs: 700 } });
});

test("a snapshot holds what the reader asked for and may know", () => {
  const broker = busyBroker();
  const full = snapshot(broker, STATE);
  assert.equal([full.epoch, full.seq, full.state?.state, full.pet?.slug], [EPOCH, 6, "done", null]);
  assert.equal([full.sessions?.[0]?.title, full.state?.because?.sessionId], ["T", "b"]);
  const bare = snapshot(broker, { ...STATE, view: "bare" });
  assert.equal(Object.keys(bare.sessions?.[0] ?? {}).sort(), ["id", "pose", "since", "state"]);
  assert.is(bare.state?.because, undefined);
  assert.equal(Object.keys(snapshot(broker, EVENTS)), ["epoch", "seq"]);
  assert.equal(snapshot(broker, { ...STATE, sessionId: "b" }).sessions?.map(({ id }) => id), ["b"]);
});

test("the snapshot's JSON is made once for all that ask at one place in the log", () => {
  const broker = busyBroker();
  const sessions = broker.sessions.bind(broker);
  let made = 0;
  broker.sessions = () => {
    made += 1;
    return sessions();
  };
  const json = snapshotJson(broker, STATE);
  assert.equal(parsed(json), parsed(JSON.stringify(snapshot(broker, STATE))));
  made = 0;
  for (let reader = 0; reader < 5; reader += 1) dialectOf(broker).greet(undefined);
  assert.is(made, 0);
  assert.is.not(snapshotJson(broker, { ...STATE, view: "bare" }), json);
  broker.switchPet("cat");
  assert.is(at(parsed(snapshotJson(broker, STATE)), "pet", "slug"), "cat");
});

test("a reader that subscribes with its greeting misses nothing and is told nothing twice", () => {
  const clock = new FakeClock();
  const broker = createBroker({ clock, store: memoryStore({ epoch: EPOCH }) });
  const dialect = dialectOf(broker, { topics: ["pet"], view: "full" });
  broker.switchPet("1");
  const texts: string[] = [];
  const sink = {
    framing: BYTES,
    backlog: 0,
    write: (bytes: Uint8Array) => void texts.push(new TextDecoder().decode(bytes)),
    close() {},
    destroy() {},
  };
  broker.hub.channel(BYTES).subscribe(dialect, sink, dialect.greet(`${EPOCH}.0`));
  broker.switchPet("2");
  clock.advance(0);
  assert.equal(texts.join("").match(/"slug":"\d"/g), ['"slug":"1"', '"slug":"2"']);
});

test.run();
