import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BrokerOptions } from "../../src/broker.ts";
import type { Selection } from "../../src/hub/dialect.ts";
import { DEFAULT_TOPICS } from "../../src/protocol/types.ts";
import { getEvents, PAGE_LIMITS } from "../../src/routes/events.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { brokerOf, EPOCH } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";
import { at, listAt } from "../support/json.ts";
import { SAFE_HEADERS } from "../../src/http/reply.ts";

const STATE: Selection = { topics: DEFAULT_TOPICS, view: "full" };
const PETS: Selection = { topics: ["pet"], view: "full" };
const EVENTS: Selection = { topics: ["events"], view: "full" };
const cursor = (seq: number): string => `${EPOCH}.${seq}`;

/** A log of `pets` pets, and how to ask for its history. */
function historyOf(pets: number, options?: BrokerOptions) {
  const { broker } = brokerOf(options);
  for (let seq = 1; seq <= pets; seq += 1) broker.switchPet(`pet-${seq}`);
  const get = (since?: string, selection = STATE) => {
    const { status, headers, body } = getEvents(broker, since, selection, "/perch/v1/state");
    return { status, headers, json: body === undefined ? undefined : JSON.parse(body) };
  };
  return { broker, get };
}

const idsOf = (json: unknown) => listAt(json, "messages").map((message) => at(message, "id"));

test("history is what a stream would have told after the cursor, and the cursor to ask with next", () => {
  const { broker, get } = historyOf(2);
  broker.ingest([agentEvent("tool.start", { sessionId: "a" })]);
  const { status, headers, json } = get(cursor(1));
  assert.equal([status, headers], [200, { ...SAFE_HEADERS, "content-type": "application/json; charset=utf-8" }]);
  assert.equal(listAt(json, "messages").map((message) => [at(message, "type"), at(message, "id")]), [
    ["pet", cursor(2)],
    ["session", cursor(4)],
    ["state", cursor(5)],
  ]);
  assert.equal([at(json, "messages", 0, "data"), at(json, "next"), at(json, "more")], [{ slug: "pet-2" }, cursor(5), false]);
});

test("it tells what was asked for, and what may be known", () => {
  const { broker, get } = historyOf(1);
  for (const sessionId of ["a", "b"]) broker.ingest([agentEvent("tool.start", { sessionId, title: "T" })]);
  assert.equal(idsOf(get("earliest", PETS).json), [cursor(1)]);
  assert.equal(idsOf(get("earliest", EVENTS).json), [cursor(2), cursor(5)]);
  assert.equal(idsOf(get("earliest", { ...EVENTS, sessionId: "b" }).json), [cursor(5)]);
  const titles = (view: "full" | "bare") =>
    listAt(get("earliest", { topics: ["sessions"], view }).json, "messages").map((message) => at(message, "data", "title"));
  assert.equal([titles("full"), titles("bare")], [["T", "T"], [undefined, undefined]]);
});

test("without a cursor it begins with the oldest message that is kept", () => {
  const store = memoryStore({ epoch: EPOCH, limits: { items: 3, bytes: Infinity } });
  const { get } = historyOf(5, { store });
  for (const since of [undefined, "earliest", cursor(2)]) {
    assert.equal(idsOf(get(since).json), [cursor(3), cursor(4), cursor(5)], since);
  }
});

test("when there is nothing new it is 204, with the cursor to ask with next", () => {
  const { broker, get } = historyOf(2);
  for (const since of ["now", cursor(2)]) {
    assert.equal(get(since), { status: 204, headers: { ...SAFE_HEADERS, "perch-cursor": cursor(2) }, json: undefined });
  }
  broker.ingest([agentEvent("tool.start")]);
  assert.equal(get(cursor(2), PETS), { status: 204, headers: { ...SAFE_HEADERS, "perch-cursor": cursor(5) }, json: undefined });
});

test("a page has 1,000 messages of the log at most, and says whether there are more", () => {
  assert.is(PAGE_LIMITS.messages, 1_000);
  const whole = historyOf(1_000).get();
  assert.equal([idsOf(whole.json).length, at(whole.json, "next"), at(whole.json, "more")], [1_000, cursor(1_000), false]);
  const { get } = historyOf(1_001);
  const first = get();
  assert.equal([idsOf(first.json).length, at(first.json, "next"), at(first.json, "more")], [1_000, cursor(1_000), true]);
  const rest = get(cursor(1_000));
  assert.equal([idsOf(rest.json), at(rest.json, "more")], [[cursor(1_001)], false]);
});

test("a page ends before it has more characters than it may, but never empty", () => {
  const { broker, get } = historyOf(0);
  const long = { title: "t".repeat(512), cwd: "c".repeat(4_096), reason: "r".repeat(1_024) };
  for (let count = 0; count < 100; count += 1) {
    broker.ingest([agentEvent("session.update", { ...long, sessionId: `${count}` })]);
  }
  const ids: unknown[] = [];
  const pages: number[] = [];
  for (let next = "earliest", more = true; more;) {
    const { json } = get(next, EVENTS);
    ids.push(...idsOf(json));
    pages.push(listAt(json, "messages").reduce((sum: number, message) => sum + JSON.stringify(message).length, 0));
    [next, more] = [String(at(json, "next")), at(json, "more") === true];
  }
  assert.equal([ids.length, new Set(ids).size], [100, 100]);
  assert.ok(pages.length > 1 && pages.every((chars) => chars <= PAGE_LIMITS.chars), `${pages}`);
});

test("a page on which nothing was asked for leads on", () => {
  const { status, json } = historyOf(1_001).get("earliest", EVENTS);
  assert.equal([status, json], [200, { messages: [], next: cursor(1_000), more: true }]);
});

test("a cursor that can't be served is 410, says why, and leads to the state", () => {
  const store = memoryStore({ epoch: EPOCH, limits: { items: 3, bytes: Infinity } });
  const { get } = historyOf(5, { store });
  const reasons: [string, string][] = [
    ["", "none"],
    ["nonsense", "malformed"],
    ["otherepoch.3", "epoch"],
    [cursor(6), "future"],
    [cursor(1), "gap"],
  ];
  for (const [since, reason] of reasons) {
    const { status, headers, json } = get(since);
    assert.equal([status, headers["content-type"], at(json, "code")], [410, "application/problem+json", `cursor_${reason}`]);
    assert.is(at(json, "snapshot"), "/perch/v1/state");
  }
});

test("the error shows the cursor, but not a text of any length", () => {
  const detail = String(at(historyOf(1).get("x".repeat(1_000)).json, "detail"));
  assert.match(detail, `"${"x".repeat(60)}" `);
});

test.run();
