import { createParser, type EventSourceMessage } from "eventsource-parser";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FramingError } from "../../src/errors.ts";
import { JSON_WORDING, SSE_WORDING, sseOpening, type Wording } from "../../src/protocol/wording.ts";
import { anyJson, anyText } from "../support/arbitraries.ts";

const ID = "Ab3Ab3Ab3A.7";

test("words a message as a block of an event stream", () => {
  assert.is(SSE_WORDING.tell("state", ID, '{"a":1}'), `id: ${ID}\nevent: state\ndata: {"a":1}\n\n`);
  assert.is(SSE_WORDING.tell("hello", undefined, "{}"), "event: hello\ndata: {}\n\n");
});

test("words a message as one JSON text", () => {
  assert.is(JSON_WORDING.tell("state", ID, '{"a":1}'), `{"type":"state","id":"${ID}","data":{"a":1}}`);
  assert.is(JSON_WORDING.tell("hello", undefined, "{}"), '{"type":"hello","data":{}}');
});

test("says the same in both wordings, whatever the data", () => {
  fc.assert(fc.property(anyJson, fc.constantFrom(ID, undefined), (data, id) => {
    const json = JSON.stringify(data);
    const events: EventSourceMessage[] = [];
    createParser({ onEvent: (event) => events.push(event) }).feed(SSE_WORDING.tell("session.gone", id, json));
    const expected = id === undefined ? { type: "session.gone", data } : { type: "session.gone", id, data };
    assert.equal(JSON.parse(JSON_WORDING.tell("session.gone", id, json)), expected);
    assert.equal(events.map((event) => ({ id: event.id, event: event.event, data: JSON.parse(event.data) })), [
      { id, event: "session.gone", data },
    ]);
  }));
});

test("refuses an id that would break the frame, and words any other as it is", () => {
  const refuses = ({ name, tell }: Wording, id: string): void =>
    assert.throws(() => tell("state", id, "{}"), (error: unknown) => error instanceof FramingError, `${name} took ${id}`);
  for (const id of ["\n", "\0", "\x7f", "\x85"]) for (const wording of [JSON_WORDING, SSE_WORDING]) refuses(wording, id);
  for (const id of ['"', "\\", 'x","data":{},"y":"']) refuses(JSON_WORDING, id);
  fc.assert(fc.property(anyText, (id) => {
    let text: string;
    try {
      text = JSON_WORDING.tell("state", id, "{}");
    } catch (error) {
      assert.instance(error, FramingError);
      return;
    }
    assert.equal(JSON.parse(text), { type: "state", id, data: {} });
  }));
});

test("refuses data in an event stream that is no single line", () => {
  assert.throws(() => SSE_WORDING.tell("state", ID, '{\n"a":1}'), (error: unknown) => error instanceof FramingError);
});

test("a heartbeat of an event stream moves the cursor, and makes no event", () => {
  const seen: string[] = [];
  const parser = createParser({ onEvent: () => seen.push("event"), onId: (id) => seen.push(`id ${id}`) });
  parser.feed(SSE_WORDING.heartbeat(ID));
  assert.equal(seen, [`id ${ID}`]);
  assert.is(JSON_WORDING.heartbeat, undefined);
});

test("an event stream opens with a comment and the time to come back", () => {
  const seen: string[] = [];
  const parser = createParser({
    onEvent: () => seen.push("event"),
    onComment: () => seen.push("comment"),
    onRetry: (ms) => seen.push(`retry ${ms}`),
    onError: (error) => seen.push(error.message),
  });
  parser.feed(sseOpening(2_000));
  assert.equal(seen, ["comment", "retry 2000"]);
  assert.throws(() => sseOpening(0.5), (error: unknown) => error instanceof FramingError);
});

test.run();
