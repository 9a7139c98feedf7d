import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { WebSocket as NpmWebSocket } from "ws";
import { textFrame } from "../../src/protocol/ws-frame.ts";
import { anyText } from "../support/arbitraries.ts";

/** The bytes of a text as UTF-8 has them: a half of a pair becomes U+FFFD. */
const wellFormed = (text: string): string => text.toWellFormed();

test("writes the header of RFC 6455 §5.2: final, text, unmasked, the length in the shortest form", () => {
  const header = (size: number, length: number) => [...textFrame("a".repeat(size)).subarray(0, length)];
  assert.equal(header(0, 2), [0x81, 0]);
  assert.equal(header(1, 2), [0x81, 1]);
  assert.equal(header(125, 2), [0x81, 125]);
  assert.equal(header(126, 4), [0x81, 126, 0x00, 0x7e]);
  assert.equal(header(256, 4), [0x81, 126, 0x01, 0x00]);
  assert.equal(header(65_535, 4), [0x81, 126, 0xff, 0xff]);
  assert.equal(header(65_536, 10), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  assert.equal(header(16_909_060, 10), [0x81, 127, 0, 0, 0, 0, 1, 2, 3, 4]);
});

test("counts bytes, not characters", () => {
  assert.equal([...textFrame("ä")], [0x81, 2, 0xc3, 0xa4]);
  assert.equal([...textFrame("ä".repeat(63)).subarray(0, 4)], [0x81, 126, 0, 126]);
  assert.is(textFrame("😀".repeat(16_384)).length, 65_536 + 10);
});

test("is the header and the payload, and nothing else", () => {
  fc.assert(fc.property(anyText, fc.constantFrom(0, 120, 126, 65_530), (text, more) => {
    const whole = text + "x".repeat(more);
    const frame = textFrame(whole);
    const payload = new TextEncoder().encode(whole);
    const header = payload.length < 126 ? 2 : payload.length < 65_536 ? 4 : 10;
    assert.is(frame.length, header + payload.length);
    assert.is(new TextDecoder("utf-8", { ignoreBOM: true }).decode(frame.subarray(header)), wellFormed(whole));
  }));
});

/** A server that answers the handshake by hand, and then writes `chunks` as they are. */
async function serveFrames(chunks: readonly Uint8Array[]): Promise<{ url: string; close: () => void }> {
  const server = createServer();
  const sockets: Duplex[] = [];
  server.on("upgrade", (request, socket) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    const head = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${accept}`,
    ];
    sockets.push(socket.on("error", () => {}));
    socket.write(`${head.join("\r\n")}\r\n\r\n`);
    for (const chunk of chunks) socket.write(chunk);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `ws://127.0.0.1:${address.port}`, close };
}

const NEEDED = [
  "",
  "a",
  "x".repeat(125),
  "x".repeat(126),
  "x".repeat(65_535),
  "x".repeat(65_536),
  "ä😀\u2028\0\ufeff",
  "x".repeat(300_000),
];

/** The needed sizes and random texts; those begin as messages do, since Node's own WebSocket drops a BOM at the beginning. */
function texts(): string[] {
  const random = fc.sample(fc.tuple(anyText, fc.nat(70_000)), 60);
  return [...NEEDED, ...random.map(([text, more]) => `{${wellFormed(text)}${"y".repeat(more)}`)];
}

/** All frames in one piece, and cut where no frame ends. */
function cut(frames: readonly Uint8Array[]): Uint8Array[] {
  const all = new Uint8Array(frames.reduce((size, frame) => size + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    all.set(frame, at);
    at += frame.length;
  }
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < all.length; start += 40_009) chunks.push(all.subarray(start, start + 40_009));
  return chunks;
}

/** What `WebSocketType` reads of the frames, and that it has no fault to find. */
async function readWith(WebSocketType: typeof WebSocket | typeof NpmWebSocket, sent: readonly string[]): Promise<string[]> {
  const { url, close } = await serveFrames(cut(sent.map(textFrame)));
  const socket = new WebSocketType(url);
  const received: string[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      socket.onmessage = ({ data }: { data: unknown }) => {
        received.push(typeof data === "string" ? data : "not a text");
        if (received.length === sent.length) resolve();
      };
      socket.onerror = () => reject(new Error(`the reader found fault after ${received.length} texts`));
      socket.onclose = () => reject(new Error(`closed after ${received.length} texts`));
    });
  } finally {
    socket.onclose = null;
    socket.close();
    close();
  }
  return received;
}

for (const [name, type] of [["the package ws", NpmWebSocket], ["the runtime's own WebSocket", WebSocket]] as const) {
  test(`frames of all sizes are read by ${name}`, async () => {
    const sent = texts();
    const received = await readWith(type, sent);
    assert.is(received.length, sent.length);
    for (const [index, text] of sent.entries()) {
      assert.ok(received[index] === text, `text ${index} of ${text.length} characters came out different`);
    }
  });
}

test.run();
