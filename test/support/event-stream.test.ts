import { test } from "uvu";
import * as assert from "uvu/assert";
import { readEventStream } from "./event-stream.ts";

const read = (text: string) => readEventStream(new TextEncoder().encode(text));
const told = (text: string) => read(text).events.map(({ type, id, data }) => `${type} ${id} ${JSON.stringify(data)}`);

test("reads the examples of the standard as it says", () => {
  assert.equal(told("data: YHOO\ndata: +2\ndata: 10\n\n"), ['message  "YHOO\\n+2\\n10"']);
  const ids = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n";
  assert.equal(told(ids), ['message 1 "first event"', 'message  "second event"']);
  assert.equal(told("data\n\ndata\ndata\n\ndata:"), ['message  ""', 'message  "\\n"']);
  assert.equal(told("data:test\n\ndata: test\n\n"), ['message  "test"', 'message  "test"']);
});

test("ends lines at CR, LF and CRLF, and at nothing else", () => {
  assert.equal(told("data: a\rdata: b\ndata: c\r\n\r\ndata: d\r\r"), ['message  "a\\nb\\nc"', 'message  "d"']);
  assert.equal(told("data: a\u2028b\x85c\x0Bd\n\n"), ['message  "a\u2028b\x85c\\u000bd"']);
});

test("keeps the last id, takes none with a NUL, and tells no event without data", () => {
  const { events, lastEventId } = read("id: 1\n\ndata: a\n\nid: 2\0\ndata: b\n\nevent: x\nid: 3\n\n");
  assert.equal(events.map(({ id }) => id), ["1", "1"]);
  assert.is(lastEventId, "3");
});

test("notes a retry of digits, comments, and everything that a browser passes over", () => {
  const { retry, comments, strays } = read("retry: 10\n\nretry: 1x\n: a\nfield: x\n data: y\ndata: a\ndata: b\n\n");
  assert.equal([retry, comments], [10, [" a"]]);
  assert.equal(strays, ["retry: 1x", "field: x", " data: y", "data: b"]);
});

test("skips one byte order mark, at the start alone", () => {
  assert.equal(told("\uFEFFdata: a\n\n\uFEFFdata: b\n\ndata: \uFEFF\n\n"), ['message  "a"', 'message  "\uFEFF"']);
});

test.run();
