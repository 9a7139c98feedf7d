import { test } from "uvu";
import * as assert from "uvu/assert";
import { Hub } from "../../src/hub/hub.ts";
import { type Socket, socketTransport, TEXTS, textTransport } from "../../src/hub/ws-sink.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { CountingFraming, FakeSink, petMessage, plainDialect } from "../support/sinks.ts";

class FakeSocket implements Socket {
  readyState = 1;
  readonly raw: unknown;
  readonly sent: string[] = [];
  readonly closed: unknown[] = [];

  constructor(raw?: unknown) {
    this.raw = raw;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code?: number, reason?: string): void {
    this.closed.push([code, reason]);
  }
}

function hubOf(...sockets: FakeSocket[]) {
  const clock = new FakeClock();
  const hub = new Hub({ clock });
  const subscribe = textTransport(hub);
  const subscriptions = sockets.map((socket) => subscribe(socket, plainDialect(), ["hello", "live"]));
  return { clock, hub, subscriptions };
}

test("each text is a frame of its own", () => {
  assert.equal(TEXTS.join([TEXTS.frame("a"), TEXTS.join([TEXTS.frame("b"), TEXTS.frame("c")])]), ["a", "b", "c"]);
  const socket = new FakeSocket();
  const { clock, hub } = hubOf(socket);
  hub.publish([petMessage(1), petMessage(2)]);
  clock.advance(0);
  assert.equal(socket.sent, ["hello", "live", "pet 1", "pet 2"]);
});

test("a client that takes arrays gets several messages in one frame, and a single one as it is", () => {
  const clock = new FakeClock();
  const hub = new Hub({ clock });
  const subscribe = textTransport(hub);
  const text = ({ seq }: { readonly seq: number }) => `{"seq":${seq}}`;
  const [batching, plain] = [new FakeSocket(), new FakeSocket()];
  subscribe(batching, plainDialect({ text }), ["1", "2"], { mayBatch: true });
  subscribe(plain, plainDialect({ text }), ["1", "2"]);
  hub.publish([petMessage(3), petMessage(4)]);
  clock.advance(0);
  hub.publish([petMessage(5)]);
  clock.advance(0);
  assert.equal(batching.sent.map((frame) => JSON.parse(frame)), [[1, 2], [{ seq: 3 }, { seq: 4 }], { seq: 5 }]);
  assert.equal(plain.sent, ["1", "2", '{"seq":3}', '{"seq":4}', '{"seq":5}']);
});

test("a WebSocket of the runtime is written to itself, and tells its own backlog", () => {
  const sent: string[] = [];
  let backlog = 0;
  const raw: unknown = Object.create(WebSocket.prototype, {
    readyState: { value: 1 },
    bufferedAmount: { get: () => backlog },
    send: { value: (text: string) => sent.push(text) },
    close: { value: () => {} },
  });
  const socket = new FakeSocket(raw);
  const { clock, hub } = hubOf(socket);
  assert.equal([sent, socket.sent], [["hello", "live"], []]);
  backlog = 65_536;
  hub.publish([petMessage(1)]);
  clock.advance(0);
  assert.equal(sent, ["hello", "live"]);
});

test("a socket that is not open is not written to", () => {
  const socket = new FakeSocket();
  const { clock, hub } = hubOf(socket);
  socket.readyState = 2;
  hub.publish([petMessage(1)]);
  clock.advance(0);
  assert.equal(socket.sent, ["hello", "live"]);
});

test("the backlog is what the runtime says that it holds; without its word it is none", () => {
  const slow = new FakeSocket({ bufferedAmount: 65_536 });
  const others = [undefined, null, 7, {}, { bufferedAmount: "much" }].map((raw) => new FakeSocket(raw));
  const { clock, hub } = hubOf(slow, ...others);
  hub.publish([petMessage(1)]);
  clock.advance(0);
  assert.is(slow.sent.at(-1), "live");
  for (const socket of others) assert.is(socket.sent.at(-1), "pet 1");
  clock.advance(60_000);
  assert.equal([slow, ...others].map(({ closed }) => closed.length > 0), [true, false, false, false, false, false]);
});

test("a socket that takes nothing for 10 s is closed with 4408", () => {
  const socket = new FakeSocket({ bufferedAmount: 1 });
  const { clock, hub } = hubOf(socket);
  clock.advance(11_000);
  assert.equal([socket.closed, hub.size], [[[4408, "no progress"]], 0]);
});

test("a runtime can bring its own framing and sinks", () => {
  const clock = new FakeClock();
  const hub = new Hub({ clock });
  const framing = new CountingFraming();
  const sinks = new Map<unknown, FakeSink>();
  const transport = socketTransport(framing, ({ raw }) => {
    const sink = new FakeSink(framing);
    sinks.set(raw, sink);
    return sink;
  });
  const subscription = transport(hub)(new FakeSocket("raw"), plainDialect(), ["hello", "live"]);
  hub.publish([petMessage(1)]);
  clock.advance(0);
  subscription.end();
  assert.equal([sinks.get("raw")?.texts, hub.size], [["hello", "live", "pet 1"], 0]);
});

test("the end of a subscription leaves the socket open", () => {
  const socket = new FakeSocket();
  const { hub, subscriptions } = hubOf(socket);
  subscriptions[0]?.end();
  assert.equal([socket.closed, hub.size], [[], 0]);
});

test.run();
