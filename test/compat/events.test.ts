import { test } from "uvu";
import * as assert from "uvu/assert";
import { FLOATER_KIND, FLOATER_KINDS, floaterEvent, parseFloaterEvent } from "../../src/compat/_events.ts";
import { EVENT_KINDS } from "../../src/core/events.ts";
import { stamped, WALL } from "../support/events.ts";

const parse = (input: unknown) => parseFloaterEvent(input);
const eventOf = (input: unknown) => {
  const parsed = parse(input);
  return "event" in parsed ? parsed.event : undefined;
};

test("each kind of v0 stands for a canonical one, and is shown as itself again", () => {
  for (const kind of FLOATER_KINDS) {
    const event = eventOf({ kind, sessionId: "a" });
    assert.is(event && FLOATER_KIND[event.kind], kind);
  }
  assert.is(FLOATER_KINDS.length, 8);
});

test("every canonical kind is shown as one that v0 knows", () => {
  for (const kind of EVENT_KINDS) assert.ok(FLOATER_KINDS.includes(FLOATER_KIND[kind]), kind);
});

test("an event of v0 comes from a hook, with what it said", () => {
  const input = { kind: "PostToolUse", sessionId: "a", tool: "bash", exitCode: 1, ts: 5, other: "x" };
  assert.equal(eventOf(input), {
    kind: "tool.end",
    sessionId: "a",
    tool: "bash",
    exitCode: 1,
    occurredAt: 5,
    source: "hook",
  });
});

test("what may be absent is ignored where it has a wrong type", () => {
  const event = eventOf({ kind: "PreToolUse", sessionId: "a", tool: 7, exitCode: "1", ts: null });
  assert.equal([event?.tool, event?.exitCode, event?.occurredAt], [undefined, undefined, undefined]);
});

test("what is no object is refused as such", () => {
  for (const input of [null, 7, "x", true, undefined]) assert.equal(parse(input), { error: { error: "expected_object" } });
});

test("an unknown kind is refused, and told back", () => {
  for (const kind of ["Foo", "", "pretooluse", 7, null, {}, undefined]) {
    assert.equal(parse({ kind, sessionId: "a" }), { error: { error: "invalid_kind", got: kind } });
  }
  assert.equal(parse([]), { error: { error: "invalid_kind", got: undefined } });
});

test("a session id is any text of 1 to 1,024 characters", () => {
  for (const sessionId of ["a", " ", "ä ö", "x".repeat(1_024)]) {
    assert.is(eventOf({ kind: "SessionStart", sessionId })?.sessionId, sessionId);
  }
  for (const sessionId of ["", "x".repeat(1_025), 7, null, undefined]) {
    assert.equal(parse({ kind: "SessionStart", sessionId }), { error: { error: "invalid_sessionId" } });
  }
});

test("of two mistakes the kind is told", () => {
  assert.equal(parse({}), { error: { error: "invalid_kind", got: undefined } });
});

test("an event is listed with the client's time where it sent one, else with that of its arrival", () => {
  assert.equal(floaterEvent(stamped("tool.end", { tool: "bash", exitCode: 0, occurredAt: 5 }), "full"), {
    kind: "PostToolUse",
    sessionId: "s",
    tool: "bash",
    exitCode: 0,
    ts: 5,
  });
  assert.is(floaterEvent(stamped("turn.fail"), "full").ts, WALL);
});

test("a tool is listed for those alone who may know it", () => {
  const event = stamped("tool.start", { tool: "bash" });
  assert.equal([floaterEvent(event, "full").tool, floaterEvent(event, "bare").tool], ["bash", undefined]);
});

test.run();
