import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type AgentEvent, EVENT_KINDS, EVENT_SOURCES } from "../../src/core/events.ts";
import { InvalidInputError } from "../../src/errors.ts";
import { MAX_DEPTH, parseEvent, TEXT_LIMITS } from "../../src/protocol/schema.ts";
import { anyJson, anyText } from "../support/arbitraries.ts";

const LEAST = { kind: "tool.start", sessionId: "s" } as const;

const FULL: AgentEvent = {
  kind: "tool.end",
  sessionId: "session-1",
  agent: "claude-code",
  id: "key-1",
  occurredAt: 1_893_456_000_000.5,
  source: "hook",
  toolUseId: "tool-1",
  tool: "Bash",
  ok: false,
  exitCode: -1,
  pid: 4711,
  cwd: "/home/ä",
  title: "Mend the roof 🏠",
  activity: "Reading\n\0\u2028",
  reason: "because",
};

/** The error of the parser for `input`, which must be none but a refusal. */
function refusal(input: unknown, where?: string): InvalidInputError {
  try {
    parseEvent(input, where);
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error(`was taken: ${JSON.stringify(input)?.slice(0, 200)}`);
}

/** Asserts that the event is refused because of `field`, whichever value the field has. */
function assertInvalid(field: string, values: readonly unknown[]): void {
  for (const value of values) {
    const { status, code, message } = refusal({ ...LEAST, [field]: value });
    assert.equal([status, code], [400, `invalid_${field}`], `${field}: ${JSON.stringify(value)}`);
    assert.match(message, `The field "${field}" of the event is `);
  }
}

test("takes an event that has all fields, and one that has only the two it needs", () => {
  assert.equal(parseEvent(FULL), FULL);
  assert.equal(parseEvent(LEAST), LEAST);
});

test("takes every kind and every source", () => {
  for (const kind of EVENT_KINDS) assert.is(parseEvent({ ...LEAST, kind }).kind, kind);
  for (const source of EVENT_SOURCES) assert.is(parseEvent({ ...LEAST, source }).source, source);
});

test("leaves out fields that it does not know", () => {
  assert.equal(parseEvent({ ...LEAST, prompt: "secret", seq: 9, receivedAt: 9, plain: true, nested: { a: [1] } }), LEAST);
});

test("refuses what is no object", () => {
  for (const input of [undefined, null, true, 0, "", '{"kind":"tool.start"}', [], [LEAST]]) {
    const { status, code } = refusal(input);
    assert.equal([status, code], [400, "expected_object"], JSON.stringify(input));
  }
});

const NO_TEXTS = [null, 0, true, [], {}, ["a"]];

test("refuses kinds and sources that are not in the list", () => {
  assertInvalid("kind", [...NO_TEXTS, "", "PreToolUse", "tool", "tool.start ", "Tool.Start", "toString", "__proto__"]);
  assertInvalid("source", [...NO_TEXTS, "", "Hook", "clock", "constructor"]);
});

test("refuses an event without a kind or a session, and says that it is missing", () => {
  assert.is(refusal({ sessionId: "s" }).code, "invalid_kind");
  assert.is(refusal({ sessionId: "s" }).message, 'The field "kind" of the event is missing');
  assert.is(refusal({ kind: "tool.start" }).code, "invalid_sessionId");
  assert.is(refusal({}, "event 3").message, 'The field "kind" of the event 3 is missing');
});

for (const field of ["sessionId", "agent", "id", "toolUseId"]) {
  test(`takes as ${field} 1 to 128 visible ASCII characters, and nothing else`, () => {
    for (const id of ["!", "~", "a".repeat(128), "0192-ab:c/d{e}", "__proto__"]) {
      assert.equal(parseEvent({ ...LEAST, [field]: id }), { ...LEAST, [field]: id });
    }
    const forms = ["", "a".repeat(129), " ", "a b", "a\n", "\na", "a\0", "\x7f", "ä", "😀", "\ud800", "\u2028", "\ufeffa"];
    assertInvalid(field, [...NO_TEXTS, ...forms]);
  });
}

for (const [field, limit] of Object.entries(TEXT_LIMITS)) {
  test(`takes as ${field} a text of at most ${limit} characters`, () => {
    for (const text of ["", "x".repeat(limit), "😀".repeat(limit / 2), "a\n\r\0\u2028\ufeff"]) {
      assert.equal(parseEvent({ ...LEAST, [field]: text }), { ...LEAST, [field]: text });
    }
    const tooLong = ["x".repeat(limit + 1), `${"😀".repeat(limit / 2)}x`];
    const halves = ["\ud800", "\udfff", "a\ud83d", "\ude00b", "\ude00\ud83d"];
    assertInvalid(field, [...NO_TEXTS, ...tooLong, ...halves]);
  });
}

test("refuses numbers and flags of the wrong form", () => {
  const noNumbers = [null, "", "1", true, [], {}, JSON.parse("1e999"), -Infinity, Number.NaN];
  assertInvalid("occurredAt", noNumbers);
  assertInvalid("exitCode", noNumbers);
  assertInvalid("pid", [...noNumbers, 0, -1, 1.5, 2 ** 53]);
  assertInvalid("ok", [null, 0, 1, "", "true", [], {}]);
  assert.is(parseEvent({ ...LEAST, pid: Number.MAX_SAFE_INTEGER }).pid, Number.MAX_SAFE_INTEGER);
});

test("names the first of several wrong fields", () => {
  assert.is(refusal({ kind: "x", sessionId: "", pid: -1 }).code, "invalid_kind");
  assert.is(refusal({ ...LEAST, pid: -1, agent: "" }).code, "invalid_agent");
});

test("shows the wrong value in one short line", () => {
  const long = refusal({ ...LEAST, sessionId: "a\n".repeat(100_000) }).message;
  assert.ok(long.length < 250 && !long.includes("\n"), long);
  assert.match(long, 'is "a\\na\\n');
  assert.match(refusal({ ...LEAST, pid: 1.5 }).message, /^The field "pid" of the event is 1\.5: it must be an integer$/);
  assert.match(refusal({ ...LEAST, pid: JSON.parse("1e999") }).message, /^The field "pid" of the event is Infinity: /);
  assert.match(refusal({ ...LEAST, exitCode: -Infinity }).message, /^The field "exitCode" of the event is -Infinity: /);
  assert.match(refusal({ ...LEAST, occurredAt: Number.NaN }).message, /^The field "occurredAt" of the event is NaN: /);
  assert.match(refusal([1, 2], "event 7").message, /^The event 7 is an array: it must be a JSON object$/);
});

/** `levels` of arrays or objects, one in the other. */
function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = wrap(value);
  return value;
}

test("takes a body of 64 levels and refuses one of 65, even in fields that it leaves out", () => {
  assert.is(MAX_DEPTH, 64);
  const wraps = [(inner: unknown) => [inner], (inner: unknown) => ({ a: 1, inner }), (inner: unknown) => [0, [inner]]];
  for (const [index, wrap] of wraps.entries()) {
    const perLevel = index === 2 ? 2 : 1;
    const outermost = (levels: number) => ({ ...LEAST, first: [], extra: nested(levels / perLevel, wrap) });
    const most = perLevel === 2 ? 62 : 63;
    assert.equal(parseEvent(outermost(most)), LEAST);
    const { status, code } = refusal(outermost(64));
    assert.equal([status, code], [400, "too_deep"]);
  }
  assert.is(refusal({ ...LEAST, title: nested(64, (inner) => [inner]) }).code, "too_deep");
  assert.is(refusal(JSON.parse(`{"a":${"[".repeat(5_000)}${"]".repeat(5_000)}}`)).code, "too_deep");
});

test("keys that name parts of every object do no harm", () => {
  const text =
    '{"kind":"tool.start","sessionId":"s","__proto__":{"ok":true,"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const event = parseEvent(JSON.parse(text));
  assert.equal(event, LEAST);
  assert.is(event.ok, undefined);
  assert.is(Object.getPrototypeOf(event), Object.prototype);
  assert.not("polluted" in {});
  assert.is(refusal(JSON.parse('{"__proto__":{"kind":"tool.start","sessionId":"s"}}')).code, "invalid_kind");
  const odd = '{"kind":"tool.start","sessionId":"s","hasOwnProperty":1,"toString":2,"toJSON":3,"valueOf":null}';
  assert.equal(parseEvent(JSON.parse(odd)), LEAST);
});

test("takes any JSON, or refuses it with 400 and a code that names a field", () => {
  const fields = fc.constantFrom(...Object.keys(FULL));
  const almost = fc.tuple(fields, fc.oneof(anyJson, anyText)).map(([field, value]) => ({ ...FULL, [field]: value }));
  let taken = 0;
  const isFair = (input: unknown): void => {
    const known = ["expected_object", "too_deep", ...Object.keys(FULL).map((field) => `invalid_${field}`)];
    try {
      const event = parseEvent(input);
      taken += 1;
      assert.equal(Object.keys(event).filter((key) => !(key in FULL)), []);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      assert.is(error.status, 400);
      assert.ok(known.includes(error.code), error.code);
      assert.ok(error.message.length < 400);
    }
  };
  fc.assert(fc.property(fc.oneof(anyJson, almost), isFair), { numRuns: 3_000 });
  assert.ok(taken > 0);
});

test("gives every event back that it takes as it was, but for fields that it does not know", () => {
  const id = fc.stringMatching(/^[\x21-\x7E]{1,128}$/);
  const text = anyText.map((value) => value.toWellFormed());
  const events = fc.record({
    kind: fc.constantFrom(...EVENT_KINDS),
    sessionId: id,
    agent: id,
    id,
    occurredAt: fc.double({ noNaN: true, noDefaultInfinity: true }),
    source: fc.constantFrom(...EVENT_SOURCES),
    toolUseId: id,
    tool: text,
    ok: fc.boolean(),
    exitCode: fc.integer(),
    pid: fc.integer({ min: 1 }),
    cwd: text,
    title: text,
    activity: text,
    reason: text,
  }, { requiredKeys: ["kind", "sessionId"], noNullPrototype: true });
  fc.assert(fc.property(events, anyJson, (event, extra) => assert.equal(parseEvent({ ...event, extra }), event)));
});

test.run();
