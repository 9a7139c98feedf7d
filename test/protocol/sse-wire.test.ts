// limit: 60 s
import { createParser } from "eventsource-parser";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { InvalidInputError } from "../../src/errors.ts";
import { parseEvent } from "../../src/protocol/schema.ts";
import { readEventStream, type StreamEvent } from "../support/event-stream.ts";
import { brokenText, sampled } from "../support/hostile-text.ts";
import { rounds } from "../support/hard.ts";
import { randomOf } from "../support/seed.ts";
import { wireSample } from "../support/wire-sample.ts";

const SEED = Number(process.env["TEST_SEED"] ?? 6_202);
const EVENTS = rounds(10_000, 100_000);

const sample = wireSample(EVENTS, SEED);

/** Fails at the first event that differs. */
function assertSame(events: readonly StreamEvent[], parser: string): void {
  const wrong = sample.sent.findIndex(({ type, id, data }, index) => {
    const event = events[index];
    return event?.type !== type || event.id !== id || event.data !== data;
  });
  assert.equal(
    [events[wrong], sample.sent[wrong]],
    [undefined, undefined],
    `${parser}, event ${wrong}, with TEST_SEED=${SEED}`,
  );
  assert.is(events.length, sample.sent.length, `${parser} made more of it, with TEST_SEED=${SEED}`);
}

test(`${EVENTS} hostile events come out of a parser of the standard's text as they went in, and nothing else`, () => {
  const { events, strays } = readEventStream(new TextEncoder().encode(sample.text));
  assertSame(events, "the parser of the standard's text");
  assert.equal(strays, []);
});

test("they come out of eventsource-parser as they went in, in chunks of any size", () => {
  const events: StreamEvent[] = [];
  const errors: string[] = [];
  let last = "";
  const parser = createParser({
    onEvent: ({ event = "message", data }) => events.push({ type: event, id: last, data }),
    onId: (id) => last = id,
    onError: (error) => errors.push(error.message),
  });
  const bytes = new TextEncoder().encode(sample.text);
  const random = randomOf(SEED);
  // Deno's decoder drops a BOM at the start of any chunk; the parser drops the one that counts, at the start of the stream
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let start = 0, size = 0; start < bytes.length; start += size) {
    size = 1 + random.below(random.pick([2, 10, 100, 10_000]));
    parser.feed(decoder.decode(bytes.subarray(start, start + size), { stream: true }));
  }
  assertSame(events, "eventsource-parser");
  assert.equal(errors, []);
});

test("halves of pairs do not get past the door, whatever the field", () => {
  const { items, repeat } = sampled(brokenText, 1_000);
  for (const field of ["title", "tool", "activity", "cwd", "reason", "agent", "sessionId", "id", "toolUseId"]) {
    for (const text of items) {
      const isRefused = (error: unknown) => error instanceof InvalidInputError && error.code === `invalid_${field}`;
      const event = { kind: "session.update", sessionId: "s", [field]: text };
      assert.throws(() => parseEvent(event), isRefused, `${field} ${JSON.stringify(text)} ${repeat}`);
    }
  }
});

test.run();
