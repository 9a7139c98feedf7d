import { test } from "uvu";
import * as assert from "uvu/assert";
import { newSession } from "../../src/core/session.ts";
import { type Selection, selects } from "../../src/hub/dialect.ts";
import { Message } from "../../src/protocol/message.ts";
import { DEFAULT_TOPICS } from "../../src/protocol/types.ts";
import { stamped } from "../support/events.ts";
import { eventMessage, petMessage, sessionMessage } from "../support/sinks.ts";

const selection = (changes: Partial<Selection> = {}): Selection => ({ topics: DEFAULT_TOPICS, view: "full", ...changes });

const gone = new Message(1, { type: "session.gone", data: { id: "a", reason: "ended" } }, "a");
const details = new Message(1, { type: "session", session: newSession(stamped("session.update"), 1) }, "s", true);

test("each topic brings its own messages and no others", () => {
  assert.is(selects(selection({ topics: ["pet"] }), petMessage(1)), true);
  assert.is(selects(selection({ topics: ["sessions"] }), sessionMessage(1, "a")), true);
  assert.is(selects(selection({ topics: ["sessions"] }), gone), true);
  assert.is(selects(selection({ topics: ["events"] }), eventMessage(1)), true);
  for (const message of [petMessage(1), sessionMessage(1, "a"), gone, eventMessage(1)]) {
    assert.is(selects(selection({ topics: ["state"] }), message), false);
  }
  assert.is(selects(selection(), eventMessage(1)), false);
});

test("a change of details alone is nothing to a reader that may not see them", () => {
  assert.is(selects(selection(), details), true);
  assert.is(selects(selection({ view: "bare" }), details), false);
  assert.is(selects(selection({ view: "bare" }), sessionMessage(1, "a")), true);
});

test("a reader of one session is told of that one, and of what concerns none", () => {
  const onlyA = selection({ sessionId: "a", topics: ["pet", "sessions", "events"] });
  assert.is(selects(onlyA, sessionMessage(1, "a")), true);
  assert.is(selects(onlyA, sessionMessage(1, "b")), false);
  assert.is(selects(onlyA, gone), true);
  assert.is(selects(onlyA, eventMessage(1, "b")), false);
  assert.is(selects(onlyA, petMessage(1)), true);
});

test.run();
