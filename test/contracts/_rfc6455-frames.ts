/** Categories 1 to 5 and 10: lengths, pings, reserved bits and opcodes, messages in parts. @module */

import { frame, OPCODE } from "../support/raw-socket.ts";
import { binary, first, type FrameCase, inParts, last, more, ping, pong, pongs, PROOF, resume, row, text } from "./_rfc6455.ts";

const LIMIT = 16 * 1024;
const BYTES = Uint8Array.of(0, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0, 0xFF);
const CUT = { deno: "cut" };

/** Deno reads on until the broker has closed. */
const LATE = { deno: `${pongs(PROOF)}1009` };

const textOf = (size: number) =>
  row(`a text of ${size} bytes`, [text(resume("now", size))], "hello now, open", { path: "/v1/ws" });
const binaryOf = (size: number) => row(`${size} bytes`, [binary(new Uint8Array(size).fill(0xFE))], "open");

const LENGTHS: readonly FrameCase[] = [
  row("a text of nothing", [text("")], "open"),
  ...[125, 126, 127, 128, LIMIT].map(textOf),
  row("a text of 64 KiB", [text("x".repeat(65_536))], 1009, LATE),
  row("a text of 16 KiB in pieces", [text(resume("now", LIMIT))], "hello now, open", { path: "/v1/ws", piece: 997 }),
  row("no bytes", [binary(new Uint8Array())], "open"),
  ...[125, 126, 127, 128, LIMIT].map(binaryOf),
  row("64 KiB of bytes", [binary(new Uint8Array(65_536))], 1009, LATE),
  row("16 KiB of bytes in pieces", [binary(new Uint8Array(LIMIT))], "open", { piece: 997 }),
];

const TEN = Array.from({ length: 10 }, (_, index) => `ping ${index}`);
const LONG = new Uint8Array(125).fill(0xFE);

const PINGS: readonly FrameCase[] = [
  row("a ping of nothing", [ping("")], `${pongs("")}open`),
  row("a ping of a text", [ping("Hello")], `${pongs("Hello")}open`),
  row("a ping of bytes that are no UTF-8", [ping(BYTES)], `${pongs(BYTES)}open`),
  row("a ping of 125 bytes", [ping(LONG)], `${pongs(LONG)}open`),
  row("a ping of 126 bytes", [ping(new Uint8Array(126))], 1002, CUT),
  row("a ping byte by byte", [ping(LONG)], `${pongs(LONG)}open`, { piece: 1 }),
  row("a pong that nobody asked for", [pong("")], "open"),
  row("a pong with a payload that nobody asked for", [pong("Hello")], "open"),
  row("a pong that nobody asked for before a ping", [pong("no"), ping("yes")], `${pongs("yes")}open`),
  row("ten pings", TEN.map((each) => ping(each)), `${pongs(...TEN)}open`),
  row("ten pings byte by byte", TEN.map((each) => ping(each)), `${pongs(...TEN)}open`, { piece: 1 }),
];

const RESERVED_BITS: readonly FrameCase[] = [
  row("reserved bits 1 of a text", [text("x", { reserved: 1 })], 1002, CUT),
  row("reserved bits 2 after a good text", [text("x"), text("x", { reserved: 2 }), ping("")], 1002, CUT),
  row("reserved bits 3 in pieces", [text("x"), text("x", { reserved: 3 }), ping("")], 1002, { piece: 1, ...CUT }),
  row("reserved bits 4 as of a compressed text", [text("x", { reserved: 4 }), ping("")], 1002, CUT),
  row("reserved bits 5 of bytes", [binary(BYTES, { reserved: 5 })], 1002, CUT),
  row("reserved bits 6 of a ping", [ping("x", { reserved: 6 })], 1002, CUT),
  row("reserved bits 7 of a close", [frame(OPCODE.close, "", { reserved: 7 })], 1002, CUT),
];

const opcode = (code: number): FrameCase => row(`opcode ${code}`, [frame(code, "")], 1002, CUT);
const opcodeAfter = (code: number): FrameCase =>
  row(`opcode ${code} after a text`, [text("x"), frame(code, "x"), ping("")], 1002, CUT);

const OPCODES: readonly FrameCase[] = [
  ...[3, 4].map(opcode),
  ...[5, 6, 7].map(opcodeAfter),
  ...[11, 12].map(opcode),
  ...[13, 14, 15].map(opcodeAfter),
];

const RESUME = resume("now");
const [HALF, REST] = [RESUME.slice(0, 10), RESUME.slice(10)];
const V1 = { path: "/v1/ws" } as const;
const INSIDE = [first(HALF), ping("inside"), last(REST)];
const NOTHING_TO_GO_ON = "a continuation of nothing";

const PARTS: readonly FrameCase[] = [
  row("a ping in two parts", [ping("a", { isLast: false }), last("b")], 1002, CUT),
  row("a pong in two parts", [pong("a", { isLast: false }), last("b")], 1002, CUT),
  row("a text in two parts", [first(HALF), last(REST)], "hello now, open", V1),
  row("a text in two parts, in pieces", [first(HALF), last(REST)], "hello now, open", { ...V1, piece: 16 }),
  row("a text in two parts, byte by byte", [first(HALF), last(REST)], "hello now, open", { ...V1, piece: 1 }),
  row("a ping between two parts", INSIDE, `${pongs("inside")}hello now, open`, V1),
  row("a ping between two parts, in pieces", INSIDE, `${pongs("inside")}hello now, open`, { ...V1, piece: 16 }),
  row("a ping between two parts, byte by byte", INSIDE, `${pongs("inside")}hello now, open`, { ...V1, piece: 1 }),
  row(`${NOTHING_TO_GO_ON}, the last`, [last("x"), text("y"), ping("")], 1002, CUT),
  row(`${NOTHING_TO_GO_ON}, the last, in pieces`, [last("x"), text("y"), ping("")], 1002, { piece: 5, ...CUT }),
  row(`${NOTHING_TO_GO_ON}, the last, byte by byte`, [last("x"), text("y"), ping("")], 1002, { piece: 1, ...CUT }),
  row(NOTHING_TO_GO_ON, [more("x"), text("y"), ping("")], 1002, CUT),
  row(`${NOTHING_TO_GO_ON}, in pieces`, [more("x"), text("y"), ping("")], 1002, { piece: 5, ...CUT }),
  row(`${NOTHING_TO_GO_ON}, byte by byte`, [more("x"), text("y"), ping("")], 1002, { piece: 1, ...CUT }),
  row("a continuation after the last part", [first("a"), last("b"), more("c"), text("d")], 1002, CUT),
  row("a last continuation after the last part", [first("a"), last("b"), last("c"), text("d")], 1002, CUT),
  row("continuations of nothing again and again", [more("a"), last("b"), more("c"), last("d")], 1002, CUT),
  row("a text before the end of another", [first("a"), text("b")], 1002, CUT),
  row(
    "a text in five parts with pings between",
    [first("a"), more("b"), ping("1"), more("c"), more("d"), ping("2"), last("e")],
    `${pongs("1", "2")}open`,
  ),
  row(
    "the same byte by byte",
    [first("a"), more("b"), ping("1"), more("c"), more("d"), ping("2"), last("e")],
    `${pongs("1", "2")}open`,
    { piece: 1 },
  ),
];

const MANY_PARTS: readonly FrameCase[] = [
  row("16 KiB in parts of 1,300 bytes", inParts(resume("now", LIMIT), 1_300), "hello now, open", V1),
];

const BARE = { isMasked: false } as const;
const TAKEN = { deno: "open" };

/** A client must mask all it sends, and a server must end what is not (RFC 6455 §5.1). */
const MASKS: readonly FrameCase[] = [
  row("a text without a mask", [text("x", BARE)], 1002, TAKEN),
  row("bytes without a mask", [binary(BYTES, BARE)], 1002, TAKEN),
  row("a ping without a mask", [ping("x", BARE)], 1002, { deno: `${pongs("x")}open` }),
  row("a pong without a mask", [pong("x", BARE)], 1002, TAKEN),
  row("a continuation without a mask", [first("a"), frame(OPCODE.continuation, "b", BARE)], 1002, TAKEN),
  row("a close without a mask", [frame(OPCODE.close, Uint8Array.of(0x03, 0xE8), BARE)], 1002, { deno: "1000" }),
];

/** The categories. */
export const FRAME_CASES = {
  lengths: LENGTHS,
  pings: PINGS,
  reservedBits: RESERVED_BITS,
  opcodes: OPCODES,
  parts: PARTS,
  manyParts: MANY_PARTS,
  masks: MASKS,
} as const;
