// runtime: node
// limit: 300 s
/** What clients of sockets may send, and how the rest ends. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { ask } from "../support/http.ts";
import { frame, OPCODE, openRawSocket, type RawSocket } from "../support/raw-socket.ts";
import { openWs } from "../support/ws-reader.ts";
import { hook, openFloater } from "../support/floater.ts";
import { readStart } from "./_streams.ts";
import { serverContract } from "./server.ts";

const test = serverContract("frames");

/** Bytes of a frame at most. */
const LIMIT = 16 * 1024;

/** A resume frame of exactly this many bytes. */
function resumeOf(bytes: number, filling = "x"): string {
  const head = '{"type":"resume","since":"now","ignored":"';
  const fill = filling.repeat(Math.floor((bytes - head.length - 2) / Buffer.byteLength(filling)));
  return `${head}${fill.padEnd(fill.length + bytes - head.length - 2 - Buffer.byteLength(fill), "x")}"}`;
}

test("takes frames of 16 KiB, and closes at one byte more", async (start) => {
  const perch = await start();
  for (const filling of ["x", "\u00E9", "\u2028"]) {
    const socket = await openWs(`${perch.url}/v1/ws`);
    assert.is(Buffer.byteLength(resumeOf(LIMIT, filling)), LIMIT);
    socket.send(resumeOf(LIMIT, filling));
    await socket.messages.next("hello that answers", ({ type, text }) => type === "hello" && text.includes('"since":"now"'));
    socket.send(resumeOf(LIMIT + 1, filling));
    assert.is((await socket.ended).code, 1009);
  }
  const floater = await openFloater(perch);
  floater.send("x".repeat(LIMIT));
  await hook(perch, "PreToolUse", "s");
  await floater.shows("run");
  floater.send("x".repeat(LIMIT + 1));
  assert.is((await floater.ended).code, 1009);
});

test("closes at binary frames where it expects words, and ignores them where it expects nothing", async (start) => {
  const perch = await start();
  const socket = await openWs(`${perch.url}/v1/ws`);
  socket.send(Buffer.from('{"type":"resume","since":"now"}'));
  assert.is((await socket.ended).code, 1008);
  const floater = await openFloater(perch);
  for (const size of [0, 1, LIMIT]) floater.send(new Uint8Array(size));
  await hook(perch, "PreToolUse", "s");
  await floater.shows("run");
});

/** Frames against RFC 6455, and the code that ends them on Node; Deno's platform takes some, and drops the others in its own way. */
const BROKEN: readonly (readonly [what: string, bytes: readonly Uint8Array[], code: number])[] = [
  ["an unmasked text", [frame(OPCODE.text, "{}", { isMasked: false })], 1002],
  ["a reserved opcode", [frame(3, "")], 1002],
  ["a reserved control opcode", [frame(11, "")], 1002],
  ["a reserved bit", [Buffer.from([0xC1, 0x80, 0, 0, 0, 0])], 1002],
  ["a continuation of nothing", [frame(OPCODE.continuation, "x")], 1002],
  ["a text in a text", [frame(OPCODE.text, "a", { isLast: false }), frame(OPCODE.text, "b")], 1002],
  ["a ping in parts", [frame(OPCODE.ping, "", { isLast: false })], 1002],
  ["a ping of 126 bytes", [frame(OPCODE.ping, "x".repeat(126))], 1002],
  ["a text that is no UTF-8", [frame(OPCODE.text, Uint8Array.of(0xFF, 0xFE))], 1007],
  ["a text with a surrogate", [frame(OPCODE.text, Uint8Array.of(0xED, 0xA0, 0x80))], 1007],
  ["a close of one byte", [frame(OPCODE.close, Uint8Array.of(3))], 1002],
  ["a close with a code that is none", [frame(OPCODE.close, Uint8Array.of(0, 1))], 1002],
];

test("ends sockets whose frames are broken, and no others", async (start, runtime) => {
  const perch = await start();
  const floater = await openFloater(perch);
  for (const [what, bytes, code] of BROKEN) {
    for (const path of ["/ws", "/v1/ws"]) {
      const { connection, closed } = await openRawSocket(perch.port, path);
      for (const part of bytes) connection.write(part);
      if (runtime === "node") assert.is(await closed, code, `${what} at ${path}`);
      connection.end();
      await isServing(perch);
    }
  }
  await hook(perch, "PreToolUse", "s");
  await floater.shows("run");
});

async function isServing(perch: ServerProcess): Promise<void> {
  assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
}

/** Messages that are too large, though no frame of them is, or not yet. */
const TOO_LARGE: readonly (readonly [what: string, send: (socket: RawSocket) => void])[] = [
  ["in two parts", ({ connection }) => {
    connection.write(frame(OPCODE.text, "x".repeat(LIMIT), { isLast: false }));
    connection.write(frame(OPCODE.continuation, "x"));
  }],
  ["in a thousand parts", ({ connection }) => {
    connection.write(frame(OPCODE.text, "x".repeat(20), { isLast: false }));
    for (let part = 0; part < 1_000; part += 1) {
      connection.write(frame(OPCODE.continuation, "x".repeat(20), { isLast: part === 999 }));
    }
  }],
];

test("closes at messages that are too large in parts", async (start) => {
  const perch = await start();
  for (const [what, send] of TOO_LARGE) {
    for (const path of ["/ws", "/v1/ws"]) {
      const socket = await openRawSocket(perch.port, path);
      send(socket);
      assert.is(await socket.closed, 1009, `${what} at ${path}`);
      socket.connection.destroy();
    }
  }
  await isServing(perch);
});

test("keeps little of a message whose end never comes", async (start, runtime) => {
  const perch = await start.lean();
  const before = perch.residentBytes();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => openRawSocket(perch.port, "/v1/ws")));
  for (const { connection } of sockets) connection.write(frame(OPCODE.text, "x".repeat(1024), { told: 60 * 1024 * 1024 }));
  if (runtime === "node") { for (const { closed } of sockets) assert.is(await closed, 1009); }
  await isServing(perch);
  const growth = (perch.residentBytes() - before) / (1024 * 1024);
  assert.ok(growth < 32, `the broker grew by ${growth.toFixed()} MiB`);
  for (const { connection } of sockets) connection.destroy();
});

test("answers pings, and a close with the same code", async (start) => {
  const perch = await start();
  const { connection, closed } = await openRawSocket(perch.port, "/v1/ws");
  const pong = new Promise<void>((resolve) => {
    connection.on("data", (chunk: Buffer) => {
      if (chunk.includes(Buffer.from([0x80 | OPCODE.pong, 4, ...Buffer.from("ping")]))) resolve();
    });
  });
  connection.write(frame(OPCODE.ping, "ping"));
  await pong;
  connection.write(frame(OPCODE.close, Uint8Array.of(0x03, 0xE8)));
  assert.is(await closed, 1000);
});

test("lets a client go that has closed while the stream goes on", async (start) => {
  const perch = await start();
  const reader = await openWs(`${perch.url}/v1/ws`);
  await readStart(reader);
  for (let round = 0; round < 50; round += 1) {
    const { connection } = await openRawSocket(perch.port, round % 2 === 0 ? "/ws" : "/v1/ws");
    connection.write(frame(OPCODE.close, Uint8Array.of(0x03, 0xE8)));
    await hook(perch, round % 2 === 0 ? "PermissionRequested" : "PermissionResolved", "s");
    connection.destroy();
    await reader.messages.next("state", ({ type }) => type === "state");
  }
  await isServing(perch);
});

test.run();
