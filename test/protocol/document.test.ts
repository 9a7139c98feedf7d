/** The tables of PROTOCOL.md say what the code says. Those of limits and errors have tests of their own. @module */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { FLOATER_KIND, FLOATER_KINDS, parseFloaterEvent } from "../../src/compat/_events.ts";
import { SCOPES } from "../../src/core/scopes.ts";
import { EVENT_KINDS, type StampedEvent } from "../../src/core/events.ts";
import { RULES } from "../../src/core/session.ts";
import { DEFAULT_ORDER, DEFAULT_TIMINGS, STATES } from "../../src/core/states.ts";
import { transition } from "../../src/core/transition.ts";
import { createBroker } from "../../src/broker.ts";
import type { RequestFacts } from "../../src/http/facts.ts";
import { createSurface } from "../../src/surface.ts";
import { factsWith, grantOf } from "../support/facts.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { parseSelection } from "../../src/http/selection.ts";
import { CLOSE } from "../../src/protocol/codes.ts";
import { TOPIC_OF } from "../../src/protocol/message.ts";
import { parseEvent, TEXT_LIMITS } from "../../src/protocol/schema.ts";
import { DEFAULT_TOPICS, TOPICS } from "../../src/protocol/types.ts";
import { codeIn, codesIn, numberIn, proseOf, readPage, sectionOf, tableOf } from "../support/markdown.ts";
import { isSent, propertiesOf, wordsOf, wordsOfProperty } from "./_facts.ts";

const page = readPage("src/protocol/PROTOCOL.md");

const column = (heading: string, name: string): string[] => tableOf(page, heading, name).map((row) => codeIn(row, name));

const codesOf = (heading: string, name: string, of: string): Record<string, string[]> =>
  Object.fromEntries(tableOf(page, heading, name).map((row) => [codeIn(row, name), codesIn(row[of] ?? "")]));

test("the table of states is that of the code", () => {
  const rows = tableOf(page, "4.1 The table", "state").map((row) => {
    const ms = /\bms\b/.test(row["lasts"] ?? "") ? { ms: numberIn(row, "lasts") } : {};
    return [codeIn(row, "state"), { pose: codeIn(row, "pose"), kind: row["kind"], ...ms }];
  });
  assert.equal(Object.fromEntries(rows), STATES);
});

test("the order is that of the code", () => {
  assert.equal(codesIn(sectionOf(page, "4.2 The order").replace(/^(?!\d).*$/gm, "")), [...DEFAULT_ORDER]);
});

test("what shows first is told in the right order", () => {
  const stamped = { sessionId: "s", seq: 1, receivedAt: 0 };
  const states = (["turn.fail", "permission.request", "prompt.submit", "tool.start"] as const).map((kind) =>
    transition(undefined, { ...stamped, kind }, 0, DEFAULT_TIMINGS).session?.state
  );
  assert.equal(states, ["failed", "waiting", "prompted", "working"]);
  assert.match(proseOf(page, "4. States"), "What shows is, in this order: `failed`, `waiting`, the overlay, the base.");
});

test("the table of times is that of the code", () => {
  const rows = tableOf(page, "4.3 How long things last", "name");
  assert.equal(Object.fromEntries(rows.map((row) => [codeIn(row, "name"), numberIn(row, "default")])), DEFAULT_TIMINGS);
});

test("the tables of kinds name every kind, and the v0 kind that each is shown as", () => {
  assert.equal(column("3.2 Kinds", "kind"), [...EVENT_KINDS]);
  assert.equal(column("4.4 What an event does", "kind"), [...EVENT_KINDS]);
  for (const [kind, [shown]] of Object.entries(codesOf("3.2 Kinds", "kind", "shown in v0 as"))) {
    assert.is(EVENT_KINDS.filter((known) => known === kind).map((known) => FLOATER_KIND[known])[0], shown, kind);
  }
});

test("the table of v0 kinds names every kind, and the canonical one that it stands for", () => {
  const stands = codesOf("2.2 Events", "v0 kind", "canonical kind");
  assert.equal(Object.keys(stands), [...FLOATER_KINDS]);
  for (const [kind, canonical] of Object.entries(stands)) {
    const parsed = parseFloaterEvent({ kind, sessionId: "s" });
    assert.ok("event" in parsed, kind);
    assert.equal([parsed.event.kind], canonical);
  }
});

test("the table of fields names every field, and each is refused when it is wrong", () => {
  const fields = column("3.1 Fields", "field");
  assert.equal(fields, propertiesOf("AgentEvent"));
  for (const field of fields) {
    assert.throws(
      () => parseEvent({ kind: "session.update", sessionId: "s", [field]: [] }),
      (error: { code?: string }) => error.code === `invalid_${field}`,
      field,
    );
  }
});

test("the table of fields tells how long a text may be", () => {
  const rows = tableOf(page, "3.1 Fields", "field").filter((row) => row["form"]?.startsWith("text"));
  assert.equal(Object.fromEntries(rows.map((row) => [codeIn(row, "field"), numberIn(row, "form")])), TEXT_LIMITS);
});

test("the table of what an event does tells what a new session shows, and which rule decides", () => {
  const rows = tableOf(page, "4.4 What an event does", "kind");
  for (const row of rows) {
    const kind = EVENT_KINDS.find((known) => known === codeIn(row, "kind"));
    assert.ok(kind);
    const events = [false, true].flatMap((plain) =>
      [true, false].map((ok): StampedEvent => ({ kind, sessionId: "s", seq: 1, receivedAt: 0, plain, ok }))
    );
    const steps = events.map((event) => transition(undefined, event, 0, DEFAULT_TIMINGS));
    assert.equal(
      codesIn(row["a new session shows"] ?? ""),
      [...new Set(steps.map(({ session }) => session?.state ?? ""))],
      kind,
    );
    assert.equal(codesIn(row["rule"] ?? ""), [...new Set(steps.map(({ rule }) => rule))], kind);
  }
});

test("the table of answers names every kind that can answer a request, and no other", () => {
  const asked = { sessionId: "s", receivedAt: 0, toolUseId: "t" };
  const waiting = transition(undefined, { ...asked, kind: "permission.request", seq: 1 }, 0, DEFAULT_TIMINGS).session;
  const answering = EVENT_KINDS.filter((kind) => {
    const after = transition(waiting, { ...asked, kind, seq: 2 }, 0, DEFAULT_TIMINGS).session;
    return after?.waits.length === 0;
  });
  const told = tableOf(page, "4.6 Waiting", "this event").flatMap((row) => codesIn(row["this event"] ?? ""));
  assert.equal(told.filter((code) => code !== "waitingMs").sort(), answering.sort());
});

test("the table of rules names every rule", () => {
  assert.equal(column("4.8 Why: `because`", "rule"), [...RULES]);
});

test("the table of topics names every topic, its messages and its scope", () => {
  assert.equal(column("5.2 Topics", "topic"), [...TOPICS]);
  const messages = codesOf("5.2 Topics", "topic", "messages");
  const told = Object.entries(messages).flatMap(([topic, types]) => types.map((type) => [type, topic]));
  assert.equal(Object.fromEntries(told), TOPIC_OF);
  const scopes = codesOf("5.2 Topics", "topic", "needs the scope");
  for (const [topic, [needed = ""]] of Object.entries(scopes)) {
    const select = (...given: string[]) => parseSelection(new URLSearchParams({ topics: topic }), grantOf(...scopesOf(given)));
    assert.is(select("read", needed).topics.join(), topic);
    if (needed !== "read") assert.throws(() => select("read"), /lacks the scope/, topic);
  }
  const query = tableOf(page, "5.1 Asking for it", "query").find((row) => row["query"] === "`?topics=`");
  assert.is(codesIn(query?.["meaning"] ?? "")[0], DEFAULT_TOPICS.join());
});

const scopesOf = (names: readonly string[]) => SCOPES.filter((scope) => names.includes(scope));

test("the table of scopes names every scope, and who has it", () => {
  assert.equal(column("7.2 What they may do", "scope"), [...SCOPES]);
  const { access } = createSurface({ broker: createBroker({ clock: new FakeClock() }), origins: ["http://pet.lan"] });
  const visitors: readonly (readonly [name: string, facts: Partial<RequestFacts>])[] = [
    ["programs", {}],
    ["named pages", { origin: "http://pet.lan" }],
    ["own pages", { origin: "http://localhost:7857" }],
  ];
  const holders = SCOPES.map((scope) => {
    const names = visitors.filter(([, facts]) => {
      const grant = access(factsWith(facts));
      return "who" in grant && grant.scopes.has(scope);
    });
    return [scope, names.length === 0 ? "nobody" : names.map(([name]) => name).join(", ")];
  });
  const rows = tableOf(page, "7.2 What they may do", "scope").map((
    row,
  ) => [codeIn(row, "scope"), row["who has it without a credential"]]);
  assert.equal(rows, holders);
});

test("the table of messages names every type, and all that its data can hold", () => {
  const names = [...propertiesOf("MessageData"), ...propertiesOf("LoggedData")];
  const data = codesOf("5.5 Messages", "type", "data");
  assert.equal(Object.keys(data).sort(), names.sort());
  const expected: Record<string, string[]> = {
    hello: propertiesOf("HelloData"),
    reset: propertiesOf("ResetData"),
    snapshot: propertiesOf("SnapshotData"),
    live: propertiesOf("LiveData"),
    state: propertiesOf("StateData"),
    session: [...propertiesOf("BareSessionData"), ...propertiesOf("SessionData")],
    "session.gone": [...propertiesOf("SessionGoneData"), ...wordsOf("GoneReason")],
    pet: propertiesOf("PetData"),
    event: [],
    bye: [...propertiesOf("ByeData"), ...wordsOfProperty("ByeData", "reason")],
  };
  for (const [type, codes] of Object.entries(data)) assert.equal(codes.toSorted(), expected[type]?.sort(), type);
  const topics = codesOf("5.5 Messages", "type", "topic");
  for (const [type, topic] of Object.entries(TOPIC_OF)) assert.equal(topics[type], [topic]);
});

test("the table of resets names every reason", () => {
  assert.equal(column("5.4 How a stream starts", "reason"), wordsOf("ResetReason"));
});

test("the table of close codes names every code, and tells which are never sent", () => {
  const rows = tableOf(page, "5.8 Close codes", "code");
  assert.equal(Object.fromEntries(rows.map((row) => [codeIn(row, "name"), numberIn(row, "code")])), CLOSE);
  for (const row of rows) {
    const name = codeIn(row, "name");
    assert.is(row["when"] === "reserved", !isSent(name, numberIn(row, "code")), name);
  }
});

test.run();
