/** Which line of an NDJSON body an error is about. @module */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../../src/broker.ts";
import { DEFAULT_INGEST_LIMITS, postEvents } from "../../src/routes/events.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { postOf } from "../support/facts.ts";
import { at, parseOrUndefined } from "../support/json.ts";

const EVENT = '{"kind":"tool.start","sessionId":"s"}';

/** The status of a body of these lines, and the detail of its error. */
async function post(...lines: readonly string[]): Promise<readonly [status: number, detail: unknown]> {
  const broker = createBroker({ clock: new FakeClock() });
  const body = new TextEncoder().encode(lines.join("\n"));
  const reply = await postEvents(broker, postOf(body, "application/x-ndjson"), {
    ...DEFAULT_INGEST_LIMITS,
    eventBytes: 100,
    batch: 3,
  });
  return [reply.status, at(parseOrUndefined(reply.body ?? ""), "detail")];
}

test("an error names the line, counted from 1", async () => {
  assert.equal(await post("{", EVENT), [400, "The line 1 is not valid JSON"]);
  assert.equal(await post(EVENT, "[]"), [400, "The line 2 is an array: it must be a JSON object"]);
  assert.equal(await post(EVENT, EVENT, "{}"), [400, 'The field "kind" of the line 3 is missing']);
  assert.equal(await post(EVENT, `{"title":"${"x".repeat(100)}"}`), [
    413,
    "The line 2 is larger than 100 bytes; nothing was taken",
  ]);
});

test("empty lines count, as they do in an editor, but are no events", async () => {
  assert.equal(await post("", " ", "\r", EVENT, "\t", "5"), [400, "The line 6 is 5: it must be a JSON object"]);
  assert.equal(await post(`${EVENT}\r`, "\r", "nonsense\r"), [400, "The line 3 is not valid JSON"]);
  assert.is((await post("", EVENT, "", EVENT, "", EVENT, ""))[0], 200);
  assert.match(String((await post(EVENT, EVENT, "", EVENT, EVENT))[1]), "holds 4 events");
});

test.run();
