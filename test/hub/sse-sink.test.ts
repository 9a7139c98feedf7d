import { test } from "uvu";
import * as assert from "uvu/assert";
import { bodyTransport, BYTES, type SseStream } from "../../src/hub/sse-sink.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

function openSseStream(onGone: () => void): { readonly body: ReadableStream<Uint8Array>; readonly sink: SseStream["sink"] } {
  const { response, sink } = bodyTransport(undefined, {}, onGone);
  if (response.body === null) throw new Error("The stream has no body");
  return { body: response.body, sink };
}

test("texts are framed as UTF-8, and joined in order", () => {
  const payload = BYTES.join([BYTES.frame("ä\n"), BYTES.frame("b\n")]);
  assert.equal([...payload], [0xc3, 0xa4, 0x0a, 0x62, 0x0a]);
});

test("what is written comes out of the body, the very same bytes", async () => {
  const { body, sink } = openSseStream(() => {});
  const payload = BYTES.frame("data: 1\n\n");
  sink.write(payload);
  const { value } = await body.getReader().read();
  assert.is(value, payload);
});

test("the backlog is counted in bytes, and falls as they are read", async () => {
  const { body, sink } = openSseStream(() => {});
  assert.is(sink.backlog, 0);
  sink.write(BYTES.frame("ääää"));
  sink.write(BYTES.frame("bb"));
  assert.is(sink.backlog, 10);
  const reader = body.getReader();
  await reader.read();
  assert.is(sink.backlog, 2);
  await reader.read();
  assert.is(sink.backlog, 0);
});

test("a stream that is closed still gives what was written, and then ends", async () => {
  const { body, sink } = openSseStream(() => {});
  sink.write(BYTES.frame("bye"));
  sink.close(1001, "shutdown");
  sink.close(1001, "shutdown");
  const reader = body.getReader();
  assert.is(text((await reader.read()).value), "bye");
  assert.is((await reader.read()).done, true);
});

test("after its end a stream takes nothing, and says nothing about it", () => {
  for (const how of ["close", "destroy"] as const) {
    const { body, sink } = openSseStream(() => {});
    if (how === "close") sink.close(1001, "shutdown");
    else sink.destroy();
    sink.write(BYTES.frame("late"));
    assert.is(sink.backlog, 0);
    body.cancel().catch(() => {});
  }
});

test("a reader that goes is told of once, and later writes and closes do nothing", async () => {
  let gone = 0;
  const { body, sink } = openSseStream(() => gone += 1);
  await body.cancel();
  sink.write(BYTES.frame("late"));
  sink.close(1001, "shutdown");
  sink.destroy();
  assert.equal([gone, sink.backlog], [1, 0]);
});

test("a reader that goes after the stream was closed is not told of", async () => {
  let gone = 0;
  const { body, sink } = openSseStream(() => gone += 1);
  sink.write(BYTES.frame("bye"));
  sink.close(1001, "shutdown");
  await body.cancel();
  assert.is(gone, 0);
});

test("a stream that is destroyed gives nothing more of what was written", async () => {
  for (const isClosed of [false, true]) {
    const { body, sink } = openSseStream(() => {});
    sink.write(BYTES.frame("never read"));
    if (isClosed) sink.close(4408, "no progress");
    sink.destroy();
    const outcome = await body.getReader().read().then(() => "read", () => "failed");
    assert.is(outcome, "failed");
  }
});

test.run();
