import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Selection } from "../../src/hub/dialect.ts";
import { DEFAULT_TOPICS } from "../../src/protocol/types.ts";
import { socketEvents, type SocketQuery } from "../../src/routes/socket.ts";
import { createSurface, type SurfaceOptions } from "../../src/surface.ts";
import { brokerOf, EPOCH } from "../support/app.ts";
import { EVERYTHING } from "../support/facts.ts";
import { at } from "../support/json.ts";
import { FakeWebSocket } from "../support/web-socket.ts";

const STATE: Selection = { topics: DEFAULT_TOPICS, view: "full" };
const GRACE_MS = 50;

const resume = (since: string): string => JSON.stringify({ type: "resume", since });
const parsed = (text: string | undefined): unknown => JSON.parse(text ?? "null");
const typesOf = (texts: readonly string[]) => texts.map((text) => at(parsed(text), "type"));
/** The cursor that a stream says it answers. */
const answered = (texts: readonly string[]) => at(parsed(texts[0]), "data", "since");

function socketsOf(options: Partial<SurfaceOptions> = {}) {
  const { broker, clock } = brokerOf();
  const surface = createSurface({ broker, ...options });
  const open = (query: Partial<SocketQuery> = {}, selection = STATE, grant = EVERYTHING) =>
    new FakeWebSocket(socketEvents(surface, { grant, selection, query: { since: undefined, mayBatch: false, ...query } }))
      .open();
  return { broker, clock, open };
}

/** A log with two pets, so that a cursor can be anywhere. */
function busy(options?: Partial<SurfaceOptions>) {
  const bench = socketsOf(options);
  bench.broker.switchPet("cat");
  bench.broker.switchPet("dog");
  return bench;
}

test("a stream starts 50 ms after the connection when its client says nothing", () => {
  const { clock, open, broker } = socketsOf();
  const socket = open();
  clock.advance(GRACE_MS - 1);
  assert.equal([socket.sent, broker.hub.size], [[], 0]);
  clock.advance(1);
  assert.equal([typesOf(socket.news()), broker.hub.size], [["hello", "reset", "snapshot", "live"], 1]);
});

test("it starts at once with a resume, from the cursor in it, and not once more later", () => {
  const { clock, open, broker } = busy();
  const socket = open({ since: `${EPOCH}.0` }).receive(resume(`${EPOCH}.1`));
  const greeting = socket.news();
  assert.equal([typesOf(greeting), answered(greeting)], [["hello", "pet", "live"], `${EPOCH}.1`]);
  clock.advance(1_000);
  assert.equal([socket.sent, broker.hub.size], [[], 1]);
});

test("without a resume the cursor is that of the query", () => {
  const { clock, open } = busy();
  const socket = open({ since: `${EPOCH}.1` });
  clock.advance(GRACE_MS);
  assert.is(answered(socket.sent), `${EPOCH}.1`);
});

test("a resume that comes later starts the stream anew, and nothing is told twice", () => {
  const { clock, open, broker } = busy();
  const socket = open();
  clock.advance(GRACE_MS);
  socket.news();
  socket.receive(resume(`${EPOCH}.1`));
  assert.equal([typesOf(socket.news()), broker.hub.size], [["hello", "pet", "live"], 1]);
  broker.switchPet("owl");
  clock.advance(0);
  assert.equal(typesOf(socket.news()), ["pet"]);
});

test("a cursor that can't be served starts over", () => {
  const socket = busy().open().receive(resume("nonsense"));
  assert.equal(typesOf(socket.news()), ["hello", "reset", "snapshot", "live"]);
});

test("what happens is told in the selection of the reader", () => {
  const { clock, open, broker } = socketsOf();
  const socket = open({}, { topics: ["state"], view: "full" }).receive(resume("now"));
  socket.news();
  broker.switchPet("cat");
  broker.ingest([{ kind: "tool.start", sessionId: "a" }]);
  clock.advance(0);
  assert.equal(typesOf(socket.news()), ["state"]);
});

test("any other frame is a mistake, and closes the socket with 1008", () => {
  const frames = ["", "{", "null", "7", '"resume"', "[]", "{}", '{"type":"resume"}', '{"type":"resume","since":7}'];
  for (const frame of [...frames, '{"type":"Resume","since":"now"}', '{"since":"now"}', `[${resume("now")}]`]) {
    const socket = socketsOf().open().receive(frame);
    assert.equal([socket.closed, socket.sent], [['1008 expected {"type":"resume","since":"..."}'], []], frame);
  }
});

test("a frame that is no text is a mistake, too", () => {
  for (const frame of [new ArrayBuffer(4), new Blob([resume("now")])]) {
    assert.equal(socketsOf().open().receive(frame).closed, ["1008 expected text"]);
  }
});

test("a frame over the limit closes the socket with 1009, whatever it is; at the limit it is read", () => {
  const limit = 64;
  const padded = (size: number) => resume("now").padEnd(size);
  const opened = () => socketsOf({ maxFrameBytes: limit }).open();
  assert.equal(opened().receive(padded(limit)).closed, []);
  for (const frame of [padded(limit + 1), new ArrayBuffer(limit + 1), resume("\u{1F43E}".repeat(12))]) {
    assert.equal(opened().receive(frame).closed, ["1009 frame too large"]);
  }
});

test("a client that leaves is a reader no more, whether its stream has begun or not", () => {
  const { clock, open, broker } = socketsOf();
  const [early, late] = [open(), open().receive(resume("now"))];
  early.leave();
  late.leave();
  clock.advance(1_000);
  assert.equal([broker.hub.size, early.sent], [0, []]);
});

test("one reader too many is told bye with overload, and closed with 1013", () => {
  const { open, broker } = socketsOf({ maxReaders: 1 });
  const first = open().receive(resume("now"));
  const second = open().receive(resume("now"));
  assert.equal([typesOf(second.sent), second.closed], [["bye"], ["1013 too many readers"]]);
  assert.is(at(parsed(second.sent[0]), "data", "reason"), "overload");
  assert.equal([first.closed, broker.hub.size], [[], 1]);
});

test("a reader that resumes does not take the place of another from itself", () => {
  const { open, broker } = socketsOf({ maxReaders: 1 });
  const socket = open().receive(resume("now")).receive(resume("now"));
  assert.equal([typesOf(socket.sent), socket.closed, broker.hub.size], [["hello", "live", "hello", "live"], [], 1]);
});

test("during a shutdown it is bye with shutdown, and 1001", () => {
  const { clock, open, broker } = socketsOf();
  const socket = open();
  broker.drain();
  clock.advance(GRACE_MS);
  assert.equal([typesOf(socket.sent), socket.closed], [["bye"], ["1001 shutting down"]]);
  assert.is(at(parsed(socket.sent[0]), "data", "reason"), "shutdown");
});

test("a client that takes arrays gets them, if it asked for them", () => {
  const { open } = socketsOf();
  const frames = (mayBatch: boolean) => open({ mayBatch }).receive(resume("now")).news().map(parsed);
  assert.equal(frames(true).map((frame) => Array.isArray(frame) && typesOf(frame.map((part) => JSON.stringify(part)))), [
    ["hello", "live"],
  ]);
  assert.equal(frames(false).map((frame) => at(frame, "type")), ["hello", "live"]);
});

test.run();
