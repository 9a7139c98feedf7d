import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../../src/broker.ts";
import { changesView, reduceView, type View } from "../../src/client/view.ts";
import { JSON_WORDING } from "../../src/protocol/wording.ts";
import type { SnapshotData, WireMessage } from "../../src/protocol/types.ts";
import { snapshot as snapshotOf, StreamDialect } from "../../src/stream.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { type Command, commands, obey } from "./_commands.ts";
import { at, hello, live, pet, reset, session, snapshot, STATE } from "./_wire.ts";

const ALL = { topics: ["state", "pet", "sessions"], view: "full" } as const;

/** The view in the form of a snapshot. */
function shape(view: View | undefined): unknown {
  return { state: view?.state, pet: { slug: view?.pet }, sessions: [...view?.sessions.values() ?? []] };
}

const plain = <Value>(value: Value): unknown => JSON.parse(JSON.stringify(value));

function shapeOf({ state, pet, sessions }: SnapshotData): unknown {
  return plain({ state, pet, sessions });
}

test("nothing is known before a snapshot, whatever changes are told", () => {
  const changes = [hello("delta"), pet(1), { type: "session", id: at(2), data: session("a") } as const, live(2)];
  assert.is(reduceView(undefined, changes), undefined);
});

test("a snapshot replaces all that was known", () => {
  const before = reduceView(undefined, [snapshot(1, { sessions: [session("old")], pet: { slug: "cat" } })]);
  const after = reduceView(before, [reset("epoch"), snapshot(9, { sessions: [session("new")] })]);
  assert.equal(shape(after), { state: STATE, pet: { slug: null }, sessions: [session("new")] });
});

test("parts that a snapshot leaves out are not known", () => {
  const bare: WireMessage = { type: "snapshot", id: at(1), data: { epoch: "AbCdEfGh01", seq: 1 } };
  assert.equal(reduceView(undefined, [bare]), { state: undefined, pet: undefined, sessions: new Map() });
});

test("sessions stay in the order in which they were first seen; one that comes back is the last", () => {
  const view = reduceView(undefined, [
    snapshot(1, { sessions: [session("a"), session("b"), session("c")] }),
    { type: "session", id: at(2), data: session("a", { title: "new title" }) },
    { type: "session.gone", id: at(3), data: { id: "b", reason: "ended" } },
    { type: "session", id: at(4), data: session("b") },
  ]);
  assert.equal(view?.sessions.get("a")?.title, "new title");
  assert.equal([...view?.sessions.keys() ?? []], ["a", "c", "b"]);
});

test("how many messages were left out is no part of what is known", () => {
  const conflated = { conflated: 3 };
  const view = reduceView(undefined, [
    snapshot(1),
    { type: "state", id: at(5), data: { ...STATE, ...conflated } },
    { type: "session", id: at(6), data: { ...session("a"), ...conflated } },
    { type: "pet", id: at(7), data: { slug: "dog", ...conflated } },
  ]);
  assert.equal(shape(view), { state: STATE, pet: { slug: "dog" }, sessions: [session("a")] });
});

test("what was known before is not touched", () => {
  const before = reduceView(undefined, [snapshot(1, { sessions: [session("a")] })]);
  const copy = structuredClone(before);
  reduceView(before, [pet(2), { type: "session.gone", id: at(3), data: { id: "a", reason: "silent" } }]);
  assert.equal(before, copy);
});

test("only messages that change what is known are named as such", () => {
  fc.assert(fc.property(commands, (list) => {
    const { messages } = history(list);
    const relevant = messages.filter(changesView);
    assert.equal(reduceView(undefined, relevant), reduceView(undefined, messages));
  }));
});

test("a reader's view is the broker's state, whatever happens, however its messages are grouped", () => {
  fc.assert(fc.property(commands, fc.integer({ min: 1, max: 20 }), (list, size) => {
    const { messages, expected } = history(list);
    assert.equal(shape(reduceView(undefined, messages)), shapeOf(expected));
    let view: View | undefined;
    for (let from = 0; from < messages.length; from += size) view = reduceView(view, messages.slice(from, from + size));
    assert.equal(shape(view), shapeOf(expected));
  }));
});

/** What a reader is told when all this happens, and what the broker knows in the end. */
function history(list: readonly Command[]): { messages: WireMessage[]; expected: SnapshotData } {
  const clock = new FakeClock();
  const broker = createBroker({ clock, maxSessions: 3 });
  const dialect = new StreamDialect(broker, ALL, JSON_WORDING, 15_000);
  const texts = dialect.greet(undefined);
  broker.onMessages((messages) => texts.push(...messages.map((message) => dialect.text(message, 0) ?? "null")));
  for (const command of list) obey(command, broker, clock);
  const messages = texts.map((text) => JSON.parse(text)).filter((message) => message !== null);
  return { messages, expected: snapshotOf(broker, ALL) };
}

test.run();
