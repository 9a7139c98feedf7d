// runtime: node
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { responseTransport } from "../../adapters/node-events.ts";
import { BYTES } from "../../src/hub/sse-sink.ts";

/** A connection that keeps what is written to it, or holds it back while nobody reads. */
class FakeConnection extends Socket {
  text = "";
  isStalled = false;
  wasReset = false;
  readonly chunks: Uint8Array[] = [];

  override _write(chunk: string | Uint8Array, _encoding: string, done: () => void): void {
    if (this.isStalled) return;
    if (typeof chunk !== "string") this.chunks.push(chunk);
    this.text += typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk);
    done();
  }

  override resetAndDestroy(): this {
    this.wasReset = true;
    return this.destroy();
  }
}

/** A stream to a reader, and what became of it. */
function streamTo(connection: FakeConnection = new FakeConnection()) {
  const request = Object.assign(new IncomingMessage(connection), { httpVersionMajor: 1, httpVersionMinor: 1 });
  const outgoing = new ServerResponse(request);
  outgoing.assignSocket(connection);
  // As @hono/node-server has begun it.
  outgoing.setHeader("transfer-encoding", "chunked");
  let gone = 0;
  const { sink, response } = responseTransport({ outgoing }, { "content-type": "text/event-stream" }, () => gone += 1);
  return { connection, outgoing, sink, response, gone: () => gone };
}

test("the head is sent at once, and the body ends with its connection, not in chunks", () => {
  const { connection, sink } = streamTo();
  const head = connection.text.toLowerCase();
  assert.match(head, /^http\/1\.1 200 ok\r\n/);
  assert.match(head, "content-type: text/event-stream\r\n");
  assert.match(head, "connection: close\r\n");
  assert.not.match(head, "transfer-encoding");
  sink.write(BYTES.frame("data: ä\n\n"));
  assert.is(connection.text.slice(connection.text.indexOf("\r\n\r\n") + 4), "data: ä\n\n");
});

test("readers that are sent the same bytes share them", () => {
  const payload = BYTES.frame("data: 1\n\n");
  const sent = [streamTo(), streamTo()].map(({ connection, sink }) => {
    sink.write(payload);
    return connection.chunks.at(-1)?.buffer;
  });
  assert.is(sent[0], payload.buffer);
  assert.is(sent[1], payload.buffer);
});

test("the backlog is what the connection holds", () => {
  const { connection, sink } = streamTo();
  assert.is(sink.backlog, 0);
  connection.isStalled = true;
  sink.write(BYTES.frame("ää"));
  sink.write(BYTES.frame("b"));
  assert.is(sink.backlog, 5);
});

test("a reader that goes is told of once, and nothing is written to it any more", () => {
  const { connection, outgoing, sink, gone } = streamTo();
  const { length } = connection.text;
  outgoing.emit("close");
  outgoing.emit("close");
  sink.write(BYTES.frame("late"));
  assert.equal([gone(), connection.text.length], [1, length]);
});

test("a stream that was closed ends, is not told of, and takes nothing more", () => {
  const { connection, outgoing, sink, gone } = streamTo();
  sink.write(BYTES.frame("bye"));
  sink.close(1001, "shutting down");
  sink.write(BYTES.frame("late"));
  outgoing.emit("close");
  assert.equal([outgoing.writableEnded, connection.text.endsWith("bye"), gone()], [true, true, 0]);
});

test("a stream that is destroyed breaks off, and does not look ended", () => {
  const { connection, sink, gone } = streamTo();
  sink.destroy();
  assert.equal([connection.destroyed, connection.wasReset, gone()], [true, true, 0]);
});

test("a request that did not come through the server of Node is refused with a reason", () => {
  for (
    const env of [undefined, null, {}, { outgoing: {} }, { outgoing: new ServerResponse(new IncomingMessage(new Socket())) }]
  ) {
    assert.throws(() => responseTransport(env, {}, () => {}), /did not come through @hono\/node-server/);
  }
});

test.run();
