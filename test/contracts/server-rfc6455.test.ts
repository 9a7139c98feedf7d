// runtime: node
// limit: 300 s
/** The core of RFC 6455, byte by byte: what a client may send, and with which code everything else ends. @module */

import type { Socket } from "node:net";
import * as assert from "uvu/assert";
import type { Runtime, ServerProcess } from "../support/broker-process.ts";
import type { ServerFrame } from "../support/frame-reader.ts";
import { hook, openFloater } from "../support/floater.ts";
import { PATIENCE_MS, within } from "../support/inbox.ts";
import { at, parseOrUndefined } from "../support/json.ts";
import { OPCODE, openRawSocket, type RawSocket } from "../support/raw-socket.ts";
import { close, closing, type FrameCase, ping, pongs, PROOF } from "./_rfc6455.ts";
import { CLOSE_CASES } from "./_rfc6455-close.ts";
import { FRAME_CASES } from "./_rfc6455-frames.ts";
import { UTF8_CASES } from "./_rfc6455-utf8.ts";
import { serverContract } from "./server.ts";

const test = serverContract("RFC 6455");

/** Each category, how many cases it has, and the cases. */
const CATEGORIES: readonly (readonly [category: string, count: number, cases: readonly FrameCase[]])[] = [
  ["1, lengths", 16, FRAME_CASES.lengths],
  ["2, pings", 11, FRAME_CASES.pings],
  ["3, reserved bits", 7, FRAME_CASES.reservedBits],
  ["4, reserved opcodes", 10, FRAME_CASES.opcodes],
  ["5, messages in parts", 20, FRAME_CASES.parts],
  ["6, UTF-8", 145, UTF8_CASES],
  ["7, closing", 37, CLOSE_CASES],
  ["10, many parts", 1, FRAME_CASES.manyParts],
  ["masks, which suites forget", 6, FRAME_CASES.masks],
];

const AT_ONCE = 16;

for (const [category, count, cases] of CATEGORIES) {
  test(`ends the ${count} cases of category ${category}, as the table says`, async (start, runtime) => {
    assert.is(cases.length, count);
    assert.is(new Set(cases.map(({ name }) => name)).size, count, "two cases have one name");
    const perch = await start();
    const bystander = await openFloater(perch);
    const wrong: string[] = [];
    const queue = cases.values();
    const work = async () => {
      for (const each of queue) {
        const expected = expectedOn(runtime, each);
        const outcome = await outcomeOf(perch, each).catch(String);
        if (outcome !== expected) wrong.push(`${each.name}: ${outcome} instead of ${expected}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    assert.equal(wrong, []);
    await hook(perch, "PreToolUse", "s");
    await bystander.shows("run");
  });
}

const expectedOn = (runtime: Runtime, { expected, deno }: FrameCase): string =>
  runtime === "deno" ? deno ?? expected : expected;

/** What a case has brought, in the words of {@linkcode FrameCase.expected}. */
async function outcomeOf({ port }: ServerProcess, { path, frames, piece }: FrameCase): Promise<string> {
  const socket = await openRawSocket(port, path);
  const { connection } = socket;
  const ended = new Promise<void>((resolve) => void connection.once("close", () => resolve()));
  try {
    const hearing = hear(socket);
    await writeInPieces(connection, Buffer.concat([...frames, ping(PROOF)]), piece);
    const outcome = await hearing;
    connection.end();
    await within(PATIENCE_MS, "end of the connection", ended);
    return outcome;
  } finally {
    connection.destroy();
  }
}

async function writeInPieces(connection: Socket, bytes: Uint8Array, piece: number): Promise<void> {
  connection.setNoDelay();
  for (let start = 0; start < bytes.length && connection.writable; start += piece) {
    connection.write(bytes.subarray(start, start + piece));
    if (piece !== Infinity) await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}

async function hear({ connection, frames, closed }: RawSocket): Promise<string> {
  const isProof = (frame: ServerFrame): boolean => wordOf(frame) === pongs(PROOF);
  frames.next("proof", isProof).then(() => connection.write(close(closing(1000))), () => {});
  const code = await closed;
  const words = frames.items.map(wordOf).join("");
  if (code === 1000 && words.endsWith(pongs(PROOF))) return `${words.slice(0, -pongs(PROOF).length)}open`;
  return `${words}${code === 0 ? "cut" : code}`;
}

function wordOf({ opcode, payload }: ServerFrame): string {
  if (opcode === OPCODE.pong) return pongs(payload);
  const message = opcode === OPCODE.text ? parseOrUndefined(payload.toString("utf8")) : undefined;
  const since = at(message, "data", "since");
  return at(message, "type") === "hello" && since !== undefined ? `hello ${since}, ` : "";
}

test.run();
