import { test } from "uvu";
import * as assert from "uvu/assert";
import { isSnapshot } from "../../src/cli/_snapshot.ts";
import { DEFAULT_TOPICS } from "../../src/protocol/types.ts";
import { snapshot } from "../../src/stream.ts";
import { brokerOf } from "../support/app.ts";
import { agentEvent } from "../support/events.ts";

/** What a broker answers, as it comes over the wire, with `changes`. */
function answerOf(changes: object = {}, view: "full" | "bare" = "full"): object {
  const { broker } = brokerOf({ pet: "boba" });
  broker.ingest([agentEvent("tool.start", { title: "T", agent: "codex", tool: "bash", activity: "reads" })]);
  return { ...JSON.parse(JSON.stringify(snapshot(broker, { topics: DEFAULT_TOPICS, view }))), ...changes };
}

test("what a broker answers is a snapshot, with and without the details of sessions", () => {
  for (const view of ["full", "bare"] as const) assert.ok(isSnapshot(answerOf({}, view)));
  assert.ok(isSnapshot(answerOf({ pet: { slug: null }, sessions: [] })));
});

test("fields and states that are not known are no mistake", () => {
  assert.ok(isSnapshot(answerOf({ more: 1, sessions: [{ id: "a", state: "later", since: 1, more: 1 }] })));
});

test("anything else is none", () => {
  for (const json of [undefined, null, 7, "x", [], {}]) assert.not(isSnapshot(json));
  const wrong = [{ epoch: 7 }, { seq: "1" }, { state: undefined }, { state: { state: "idle" } }, {
    state: { state: 7, counts: {} },
  }];
  const others = [{ state: { state: "idle", counts: { idle: 1 } } }, { pet: undefined }, { pet: { slug: 7 } }, { pet: "boba" }];
  for (const changes of [...wrong, ...others, { sessions: undefined }, { sessions: {} }, { sessions: [null] }]) {
    assert.not(isSnapshot(answerOf(changes)), JSON.stringify(changes));
  }
});

test("a session that can't be shown makes it none", () => {
  const session = { id: "a", state: "idle", since: 1 };
  assert.ok(isSnapshot(answerOf({ sessions: [session] })));
  for (
    const changes of [{ id: 7 }, { state: 7 }, { since: "1" }, { title: 7 }, { agent: 7 }, { tool: null }, { activity: {} }]
  ) {
    assert.not(isSnapshot(answerOf({ sessions: [session, { ...session, ...changes }] })), JSON.stringify(changes));
  }
});

test.run();
