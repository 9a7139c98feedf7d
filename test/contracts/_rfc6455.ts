/**
 * What a client may send over a WebSocket, and what comes of it: cases written from RFC 6455 and RFC 3629, in the numbering that
 * conformance suites for it use.
 *
 * The sockets of a broker send nothing back as it came, so a case goes to the one where something can be seen: `/ws` ignores what
 * a client says, and a ping that is answered afterwards proves that it was taken; `/v1/ws` tells the cursor of a `resume`.
 *
 * @module
 */

import { frame, type FrameOptions, OPCODE } from "../support/raw-socket.ts";

/** A row of the table. */
export interface FrameCase {
  /** The number of the case, and what is sent. */
  readonly name: string;
  readonly path: "/ws" | "/v1/ws";
  readonly frames: readonly Uint8Array[];
  /** How many bytes are written at once. Default: all. */
  readonly piece: number;
  /**
   * What is heard, in order, with commas: `pong` and its payload in hex; `hello` and the cursor that was sent; then one of
   * `open`, a close code (1005 for a close without one), or `cut` for an end without a close frame.
   */
  readonly expected: string;
  /** The same where Deno's platform differs. */
  readonly deno: string | undefined;
}

/** Where, how and with what other outcome a case runs. */
export interface CaseOptions {
  readonly path?: FrameCase["path"];
  readonly piece?: number;
  readonly deno?: string;
}

/** What is pinged after each case. A socket that answers it, and then a close, was open to the end. */
export const PROOF = "still open?";

/** Makes a case. */
export function row(
  name: string,
  frames: readonly Uint8Array[],
  expected: string | number,
  { path = "/ws", piece = Infinity, deno }: CaseOptions = {},
): FrameCase {
  return { name, path, frames, piece, expected: String(expected), deno };
}

/** The frames of a client, by their names in RFC 6455. */
export const text = (payload: string | Uint8Array, options?: FrameOptions): Uint8Array => frame(OPCODE.text, payload, options);
export const binary = (payload: Uint8Array, options?: FrameOptions): Uint8Array => frame(OPCODE.binary, payload, options);
export const ping = (payload: string | Uint8Array, options?: FrameOptions): Uint8Array => frame(OPCODE.ping, payload, options);
export const pong = (payload: string | Uint8Array, options?: FrameOptions): Uint8Array => frame(OPCODE.pong, payload, options);
export const more = (payload: string | Uint8Array): Uint8Array => frame(OPCODE.continuation, payload, { isLast: false });
export const last = (payload: string | Uint8Array): Uint8Array => frame(OPCODE.continuation, payload);
export const first = (payload: string | Uint8Array): Uint8Array => text(payload, { isLast: false });
export const close = (payload: Uint8Array): Uint8Array => frame(OPCODE.close, payload);

/** The payload of a close frame. */
export function closing(code: number, reason: string | Uint8Array = ""): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return Buffer.concat([bytes, Buffer.from(reason)]);
}

/** What is heard when these pings are answered. */
export function pongs(...payloads: readonly (string | Uint8Array)[]): string {
  return payloads.map((payload) => `pong ${Buffer.from(payload).toString("hex")}, `).join("");
}

/** A text in parts of the given sizes, each in a frame of its own. */
export function inParts(payload: string | Uint8Array, size: number): Uint8Array[] {
  const bytes = Buffer.from(payload);
  const starts = Array.from({ length: Math.max(1, Math.ceil(bytes.length / size)) }, (_, index) => index * size);
  return starts.map((start) => {
    const isLast = start + size >= bytes.length;
    return frame(start === 0 ? OPCODE.text : OPCODE.continuation, bytes.subarray(start, start + size), { isLast });
  });
}

/** A `resume` frame whose answer tells `cursor`, made up to `bytes` bytes. */
export function resume(cursor: string, bytes = 0): string {
  const start = `{"type":"resume","since":"${cursor}"`;
  const end = ',"ignored":""}';
  const least = Buffer.byteLength(start) + end.length;
  return bytes < least ? `${start}}` : `${start}${end.slice(0, -2)}${"x".repeat(bytes - least)}"}`;
}
