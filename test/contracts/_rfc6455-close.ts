/** Category 7: how connections are closed. @module */

import { close, closing, first, type FrameCase, last, ping, resume, row, text } from "./_rfc6455.ts";

const EMPTY = new Uint8Array();
const CUT = { deno: "cut" };

const ORDER: readonly FrameCase[] = [
  row("a close after a text", [text("x"), close(closing(1000))], 1000),
  row("two closes", [close(closing(1000)), close(closing(1001))], 1000),
  row("a ping after a close", [close(closing(1000)), ping("late")], 1000),
  row("a text after a close", [close(closing(1000)), text(resume("now"))], 1000, { path: "/v1/ws" }),
  row("a close between the parts of a text", [first("a"), close(closing(1000)), last("b")], 1000),
  row("16 KiB, a ping and a close", [text("x".repeat(16 * 1024)), close(closing(1000)), ping("late")], 1000),
];

const PAYLOADS: readonly FrameCase[] = [
  row("a close without a code", [close(EMPTY)], 1005),
  row("a close of one byte", [close(Uint8Array.of(3))], 1002, CUT),
  row("a close of a code alone", [close(closing(1000))], 1000),
  row("a close with a reason", [close(closing(1000, "Hello"))], 1000),
  row("a close with the longest reason", [close(closing(1000, "x".repeat(123)))], 1000),
  row("a close with a reason that is too long", [close(closing(1000, "x".repeat(124)))], 1002, {
    deno: "Error: No server may send a frame that begins with 887e007e",
  }),
];

const BROKEN_REASON = Buffer.concat([Buffer.from("κόσμε"), Uint8Array.of(0xED, 0xA0, 0x80), Buffer.from("edited")]);

const GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const BAD_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const BEYOND = [5000, 65_535];

/** How connections are closed. */
export const CLOSE_CASES: readonly FrameCase[] = [
  ...ORDER,
  ...PAYLOADS,
  row("a close whose reason is no UTF-8", [close(closing(1000, BROKEN_REASON))], 1007, CUT),
  ...GOOD_CODES.map((code) => row(`a close with ${code}`, [close(closing(code))], code)),
  ...[...BAD_CODES, ...BEYOND].map((code) => row(`a close with ${code}`, [close(closing(code))], 1002)),
];
