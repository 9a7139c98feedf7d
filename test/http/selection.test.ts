import { test } from "uvu";
import * as assert from "uvu/assert";
import { PerchError } from "../../src/errors.ts";
import type { Scope } from "../../src/core/scopes.ts";
import { parseSelection } from "../../src/http/selection.ts";
import { grantOf } from "../support/facts.ts";

const PROGRAM: readonly Scope[] = ["ingest", "read", "sessions"];
const PAGE: readonly Scope[] = ["ingest", "read"];

const select = (query: string, scopes = PROGRAM) => parseSelection(new URLSearchParams(query), grantOf(...scopes));

/** How a query is refused, as `status code`. */
function refusal(query: string, scopes = PROGRAM): string {
  return refused(query, scopes)[0];
}

function refused(query: string, scopes = PROGRAM): [code: string, detail: string] {
  try {
    select(query, scopes);
  } catch (error) {
    if (error instanceof PerchError) return [`${error.status} ${error.code}`, error.message];
    throw error;
  }
  return ["taken", ""];
}

test("who asks for nothing gets the state, the pet and the sessions, of all sessions", () => {
  assert.equal(select(""), { topics: ["state", "pet", "sessions"], view: "full", sessionId: undefined });
});

test("topics come in one order, once each, whatever was asked for", () => {
  const asked: [string, readonly string[]][] = [
    ["topics=state", ["state"]],
    ["topics=pet,state", ["state", "pet"]],
    ["topics=events,%20sessions%20,pet", ["pet", "sessions", "events"]],
    ["topics=pet,pet", ["pet"]],
    ["topics=pet&topics=state", ["state", "pet"]],
    ["other=x&topics=pet", ["pet"]],
  ];
  for (const [query, topics] of asked) assert.equal(select(query).topics, topics, query);
});

test("a topic that does not exist is refused, and the error lists those that do", () => {
  for (const query of ["topics=", "topics=nope", "topics=state,nope", "topics=State", "topics=state,", "topics=pet&topics=x"]) {
    assert.is(refusal(query), "400 invalid_topics", query);
  }
  const [, detail] = refused(`topics=state,${"x".repeat(1_000)}`);
  assert.is(detail, `The topic "${"x".repeat(60)}" is unknown: choose from state, pet, sessions, events, messages`);
});

test("every topic needs the scope read, events need sessions, and messages their own", () => {
  assert.is(refusal("", ["ingest"]), "403 missing_scope");
  assert.is(refusal("topics=pet", ["sessions"]), "403 missing_scope");
  for (const topic of ["state", "pet", "sessions"]) assert.is(refusal(`topics=${topic}`, PAGE), "taken", topic);
  assert.equal([refusal("topics=events", PAGE), refusal("topics=events", PROGRAM)], ["403 missing_scope", "taken"]);
  assert.equal([refusal("topics=state,events", PAGE), refusal("topics=messages", PROGRAM)], [
    "403 missing_scope",
    "403 missing_scope",
  ]);
  assert.is(refusal("topics=messages", [...PROGRAM, "messages"]), "taken");
  assert.is(refused("topics=events", PAGE)[1], 'The topic "events": This client lacks the scope "sessions"');
});

test("only who has the scope sessions sees all of a session", () => {
  assert.equal([select("").view, select("", PAGE).view], ["full", "bare"]);
});

test("one session can be asked for, by its id", () => {
  for (const id of ["s", "!", "~", "a/b?c=d&e#f%", "x".repeat(128)]) {
    assert.is(select(`session=${encodeURIComponent(id)}`).sessionId, id);
  }
});

test("what is no id is refused, and the error shows it, cut", () => {
  for (const id of ["", " ", "a b", "ä", "\n", "x".repeat(129)]) {
    assert.is(refusal(`session=${encodeURIComponent(id)}`), "400 invalid_session", id);
  }
  assert.match(refused(`session=${"ä".repeat(1_000)}`)[1], `"${"ä".repeat(60)}"`);
});

test("several sessions can't be asked for at once, not even the same twice", () => {
  for (const query of ["session=a&session=b", "session=a&session=a"]) assert.is(refusal(query), "400 invalid_session", query);
});

test.run();
