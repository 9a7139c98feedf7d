import { test } from "uvu";
import * as assert from "uvu/assert";
import { isFields, parseJson, parseMessage } from "../../src/client/_parse.ts";
import { bye, greeting, pet, session } from "./_wire.ts";

test("every message of the protocol comes in as it is", () => {
  const others = [
    { type: "session", id: "e.1", data: session("a") },
    { type: "session.gone", id: "e.2", data: { id: "a", reason: "ended" } },
    { type: "state", id: "e.3", data: { state: "idle", pose: "idle" } },
    { type: "event", id: "e.4", data: { kind: "tool.start", sessionId: "a" } },
  ];
  for (const message of [...greeting(1), pet(2), bye("shutdown", 500), ...others]) assert.is(parseMessage(message), message);
});

test("fields that are not known are no mistake", () => {
  const message = { ...pet(1), more: 1, data: { slug: "cat", more: 2 } };
  assert.is(parseMessage(message), message);
});

test("a type that is not known is passed over, whatever it holds", () => {
  for (const data of [undefined, null, {}, { id: "x" }, { "": 1 }, 7]) {
    assert.is(parseMessage({ type: "later", data }), undefined);
  }
});

test("what is no message is refused, and the error shows it, cut", () => {
  const wrong = [null, undefined, 7, "x", [], {}, { type: 7 }, { type: "pet" }, { type: "pet", data: null }, {
    type: "pet",
    data: {},
  }];
  for (const raw of [...wrong, { type: "state", data: { state: "idle" } }, { type: "bye", data: { reason: "shutdown" } }]) {
    assert.throws(() => parseMessage(raw), (error: unknown) => error instanceof TypeError);
  }
  assert.throws(
    () => parseMessage({ type: "pet", x: "y".repeat(1_000) }),
    (error: unknown) =>
      error instanceof TypeError && error.message.length < 150 && error.message.includes('{"type":"pet","x":"yyy'),
  );
});

test("a snapshot is refused when one of its sessions is none", () => {
  const data = { epoch: "e", seq: 1 };
  for (const sessions of [7, {}, [null], [{}], [session("a"), "b"]]) {
    assert.throws(() => parseMessage({ type: "snapshot", data: { ...data, sessions } }), /no message/);
  }
  for (const sessions of [[], [session("a")]]) assert.ok(parseMessage({ type: "snapshot", data: { ...data, sessions } }));
  assert.ok(parseMessage({ type: "snapshot", data }));
});

test("a text is its JSON value, or undefined", () => {
  assert.equal([parseJson('{"a":1}'), parseJson("null"), parseJson("{"), parseJson(""), parseJson(undefined)], [
    { a: 1 },
    null,
    undefined,
    undefined,
    undefined,
  ]);
});

test("objects and lists have fields, other values have none", () => {
  assert.equal([{}, [], null, undefined, "x", 7].map(isFields), [true, true, false, false, false, false]);
});

test.run();
