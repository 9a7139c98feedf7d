// runtime: node
// limit: 300 s
/** What clients of sockets may send, and how the rest ends. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { ask } from "../support/http.ts";
import { frame, OPCODE, openRawSocket } from "../support/raw-socket.ts";
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

async function isServing(perch: ServerProcess): Promise<void> {
  assert.is((await ask(`${perch.url}/healthz`)).text, "ok");
}

/** A text of `count` parts of as many bytes each. */
function textInParts(count: number, bytes: number): Uint8Array {
  const part = frame(OPCODE.continuation, "x".repeat(bytes), { isLast: false });
  const parts = Buffer.alloc(part.length * (count - 2), part);
  const ends = [
    frame(OPCODE.text, "x".repeat(bytes), { isLast: false }),
    frame(OPCODE.continuation, "x".repeat(bytes)),
  ] as const;
  return Buffer.concat([ends[0], parts, ends[1]]);
}

test("closes at messages that are too large in parts", async (start) => {
  const perch = await start();
  for (const [count, bytes] of [[2, LIMIT / 2 + 1], [1_000, 20]] as const) {
    for (const path of ["/ws", "/v1/ws"]) {
      const socket = await openRawSocket(perch.port, path);
      socket.connection.write(textInParts(count, bytes));
      assert.is(await socket.closed, 1009, `${count} parts at ${path}`);
      socket.connection.destroy();
    }
  }
  await isServing(perch);
});

const MIB = 1024 * 1024;

/** Fails when memory grows by more than `most` MiB while `body` runs. */
async function keepsLittle(perch: ServerProcess, most: number, body: () => Promise<void>): Promise<void> {
  const before = perch.residentBytes();
  await body();
  await isServing(perch);
  const growth = (perch.residentBytes() - before) / MIB;
  assert.ok(growth < most, `the broker grew by ${growth.toFixed()} MiB`);
}

test("keeps little of a text in a million parts, and ends it", async (start) => {
  const perch = await start.lean();
  for (const bytes of [1, 0]) {
    await keepsLittle(perch, 64, async () => {
      const { connection, closed } = await openRawSocket(perch.port, "/v1/ws");
      connection.write(textInParts(1_000_000, bytes));
      // Parts of nothing never are too many bytes: on Node they are too many parts, on Deno they are a text that is no resume.
      assert.is(await closed, bytes === 0 ? 1008 : 1009, `parts of ${bytes} bytes`);
      connection.destroy();
    });
  }
});

/** Lengths that a head may tell, and how that ends on Deno, which takes 64 MiB. */
const TOLD = [[60, undefined], [200, 0], [2 ** 31, 0]] as const;

test("keeps little of a message whose end never comes", async (start, runtime) => {
  const perch = await start.lean();
  for (const [mib, onDeno] of TOLD) {
    await keepsLittle(perch, 32, async () => {
      const sockets = await Promise.all(Array.from({ length: 20 }, () => openRawSocket(perch.port, "/v1/ws")));
      for (const { connection, closed } of sockets) {
        connection.write(frame(OPCODE.text, "x".repeat(1024), { told: mib * MIB }));
        const code = runtime === "node" ? 1009 : onDeno;
        if (code !== undefined) assert.is(await closed, code, `${mib} MiB`);
      }
      for (const { connection } of sockets) connection.destroy();
    });
  }
});

/** What a client offers to compress with. */
const OFFERS = [
  "permessage-deflate",
  "permessage-deflate; client_max_window_bits",
  "permessage-deflate; server_no_context_takeover; client_max_window_bits=15, permessage-deflate",
  "x-webkit-deflate-frame",
  "unknown",
];

test("agrees on no compression, whatever is offered, and on no protocol", async (start) => {
  const perch = await start();
  for (const path of ["/ws", "/v1/ws"]) {
    for (const offer of OFFERS) {
      const offers = [["Sec-WebSocket-Extensions", offer], ["Sec-WebSocket-Protocol", "v1, v0"]] as const;
      const { connection, answer, closed, frames } = await openRawSocket(perch.port, path, offers);
      assert.is(answer.headers.get("sec-websocket-extensions"), null, offer);
      assert.is(answer.headers.get("sec-websocket-protocol"), null);
      connection.write(frame(OPCODE.text, Uint8Array.of(0x4A, 0x04, 0x00), { reserved: 4 }));
      assert.ok([1002, 0].includes(await closed), "what is compressed all the same is a broken frame");
      assert.ok(frames.items.every(({ opcode }) => opcode === OPCODE.text || opcode === OPCODE.close));
      connection.destroy();
    }
  }
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
