import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FramingError } from "../../src/errors.ts";
import { encodeSse, SSE_COMMENT, type SseEvent } from "../../src/protocol/sse.ts";
import { anyJson, anyText } from "../support/arbitraries.ts";

interface Reading {
  readonly events: { readonly id: string | undefined; readonly event: string | undefined; readonly data: string }[];
  readonly ids: string[];
  readonly retries: number[];
  readonly comments: string[];
  readonly errors: string[];
}

/** What a reader makes of a stream that comes in these chunks. */
function read(chunks: Iterable<string>): Reading {
  const reading: Reading = { events: [], ids: [], retries: [], comments: [], errors: [] };
  const parser = createParser({
    onEvent: ({ id, event, data }) => reading.events.push({ id, event, data }),
    onId: (id) => reading.ids.push(id),
    onRetry: (retry) => reading.retries.push(retry),
    onComment: (comment) => reading.comments.push(comment),
    onError: (error) => reading.errors.push(error.message),
  });
  for (const chunk of chunks) parser.feed(chunk);
  return reading;
}

/** The text after its way over the wire in chunks of `size` bytes. */
function* overTheWire(text: string, size: number): Generator<string> {
  const bytes = new TextEncoder().encode(text);
  // Deno's decoder drops a BOM at the start of any chunk; the parser drops the one that counts, at the start of the stream
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let at = 0; at < bytes.length; at += size) yield decoder.decode(bytes.subarray(at, at + size), { stream: true });
}

const names = fc.stringMatching(/^[a-z][a-z.]{0,31}$/);
const ids = fc.stringMatching(/^[\x21-\x7E]{1,64}$/);

test("writes the fields in one block, and nothing for those that are absent", () => {
  const all = { event: "state", id: "Ab3Ab3Ab3A.7", retry: 1500, data: '{"a":1}' };
  assert.is(encodeSse(all), 'id: Ab3Ab3Ab3A.7\nevent: state\nretry: 1500\ndata: {"a":1}\n\n');
  assert.is(encodeSse({ id: "Ab3Ab3Ab3A.7" }), "id: Ab3Ab3Ab3A.7\n\n");
  assert.is(encodeSse({ data: "" }), "data: \n\n");
});

test("any JSON comes out of a reader as it went in, whatever the chunks", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(names, ids, anyJson), { minLength: 1, maxLength: 5 }), fc.nat(40), (sent, size) => {
      const events = sent.map(([event, id, value]) => ({ id, event, data: JSON.stringify(value) }));
      const text = events.map(encodeSse).join("");
      const reading = read(overTheWire(text, size + 1));
      assert.equal(reading.events, events);
      assert.equal(reading.events.map(({ data }) => JSON.parse(data)), sent.map(([, , value]) => value));
      assert.equal(reading.errors, []);
    }),
    { numRuns: 1_000 },
  );
});

test("JSON with line separators, NUL, halves of pairs, BOM and bidi marks comes out as it went in", () => {
  for (const piece of ["\u2028", "\u2029", "\0", "\ud800", "\udfff", "\ufeff", "\u202e\u2066", "\r\n", "\x85", "😀", " ", ""]) {
    for (const value of [piece, ` ${piece} `, { [piece]: [piece] }]) {
      const data = JSON.stringify(value);
      const [event] = read(overTheWire(encodeSse({ event: "state", data }), 1)).events;
      assert.is(event?.data, data);
      assert.equal(JSON.parse(event?.data ?? ""), value);
    }
  }
});

test("spaces at either end of the data stay", () => {
  for (const data of [" x", "  x  ", " ", "", ":", "\tx"]) {
    assert.equal(read([encodeSse({ data })]).events.map((event) => event.data), [data]);
  }
});

test("what is not refused comes out as it went in, one event and no more", () => {
  const hostile = fc.oneof({ weight: 1, arbitrary: anyText }, { weight: 1, arbitrary: names });
  fc.assert(
    fc.property(hostile, fc.oneof(hostile, ids), anyText, (event, id, data) => {
      let block: string;
      try {
        block = encodeSse({ event, id, data });
      } catch (error) {
        assert.instance(error, FramingError);
        return;
      }
      const reading = read([block, "data: next\n\n"]);
      assert.equal(reading.events, [{ id, event, data }, { id: undefined, event: undefined, data: "next" }]);
      assert.equal(reading.errors, []);
    }),
    { numRuns: 2_000 },
  );
});

const BREAKERS = ["\r", "\n", "\r\n", "\n\n", "\0", " ", "\t", "\u2028", "\u2029", "\ufeff", "\x7f", "\x1b", "ä", "\ud800"];

/** Asserts that `event` is refused with an error that names the field. */
function assertRefused(event: SseEvent, field: string): void {
  try {
    encodeSse(event);
  } catch (error) {
    assert.instance(error, FramingError);
    assert.match(error instanceof Error ? error.message : "", new RegExp(`^Cannot frame ${field} `));
    return;
  }
  assert.unreachable(`${field} was taken: ${JSON.stringify(event)}`);
}

test("refuses ids and event names that would end their line or not be read back", () => {
  for (const piece of BREAKERS) {
    for (const text of [piece, `a${piece}`, `${piece}a`, `a${piece}b`]) {
      assertRefused({ id: text, data: "{}" }, "id");
      assertRefused({ event: text, data: "{}" }, "event");
    }
  }
});

test("refuses ids and event names that are empty, too long or of another form", () => {
  assertRefused({ id: "" }, "id");
  assertRefused({ id: "a".repeat(65) }, "id");
  assert.ok(encodeSse({ id: "a".repeat(64) }));
  for (const event of ["", "a".repeat(33), "State", "state2", ".state", "state-x", "state: x"]) {
    assertRefused({ event }, "event");
  }
  assert.ok(encodeSse({ event: "a".repeat(32) }));
});

test("refuses data with a line break of any kind", () => {
  for (const piece of ["\r", "\n", "\r\n", "\n\nevent: bye\ndata: {}\n\n"]) {
    for (const data of [piece, `{${piece}}`, `{}${piece}`, `${piece}{}`]) assertRefused({ data }, "data");
  }
});

test("refuses a retry that is not whole milliseconds", () => {
  for (const retry of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) assertRefused({ retry }, "retry");
  // @ts-expect-error a text could bring a line break with it
  assertRefused({ retry: "1\ndata: x" }, "retry");
});

test("an error shows no more than the start of long data", () => {
  assert.throws(
    () => encodeSse({ data: `${"x".repeat(100_000)}\n` }),
    (error: unknown) => error instanceof FramingError && error.message.length < 120,
  );
});

test("retry is told to the reader, and makes no event", () => {
  assert.equal(read([encodeSse({ retry: 0 }), encodeSse({ retry: 2_500 })]), {
    events: [],
    ids: [],
    retries: [0, 2_500],
    comments: [],
    errors: [],
  });
});

test("a block of an id alone moves the reader's cursor, and makes no event", () => {
  const reading = read([encodeSse({ id: "Ab3Ab3Ab3A.8" })]);
  assert.equal(reading.ids, ["Ab3Ab3Ab3A.8"]);
  assert.equal(reading.events, []);
});

test("a comment makes no event and leaves the next one alone", () => {
  const reading = read([SSE_COMMENT, encodeSse({ event: "state", data: "{}" })]);
  assert.equal(reading.comments, [""]);
  assert.equal(reading.events, [{ id: undefined, event: "state", data: "{}" }]);
});

test.run();
