/** WebSockets frame by frame: what no WebSocket client would send. @module */

import type { Socket } from "node:net";
import { FrameReader, type ServerFrame } from "./frame-reader.ts";
import { Inbox, PATIENCE_MS, within } from "./inbox.ts";
import { connectTo, type RawAnswer, type RawHeaders, readAnswer, requestBytes, UPGRADE } from "./raw-http.ts";

/** Opcodes of RFC 6455. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a frame is made; by default whole, masked and right. */
export interface FrameOptions {
  readonly isLast?: boolean;
  readonly isMasked?: boolean;
  /** The three bits that are reserved for extensions, from 0 to 7. */
  readonly reserved?: number;
  /** The length that the head tells, where it is a lie. */
  readonly told?: number;
}

/** The bytes of a frame. */
export function frame(opcode: number, payload: string | Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { isLast = true, isMasked = true, reserved = 0 } = options;
  const data = Buffer.from(payload);
  const length = options.told ?? data.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (head.length === 2 ? length : head.length === 4 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  if (!isMasked) return Buffer.concat([head, data]);
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  return Buffer.concat([head, mask, data.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

/** A connection that has been upgraded. */
export interface RawSocket {
  readonly connection: Socket;
  /** How the upgrade was answered. */
  readonly answer: RawAnswer;
  /** What the server sends; it ends with the connection. */
  readonly frames: Inbox<ServerFrame>;
  /** The code of the server's close frame, once it is there; 0 when the connection ends without one. */
  readonly closed: Promise<number>;
}

/** Upgrades a connection at `path`. */
export async function openRawSocket(port: number, path: string, more: RawHeaders = []): Promise<RawSocket> {
  const connection = await connectTo(port);
  const frames = new Inbox<ServerFrame>(`frames of the socket at ${path}`);
  const answering = readAnswer(connection);
  const code = readFrames(connection, frames);
  connection.write(requestBytes({ target: path, headers: [["Host", `127.0.0.1:${port}`], ...UPGRADE, ...more] }));
  const answer = await answering;
  if (answer.status !== 101) throw new Error(`The upgrade at ${path} was answered with ${answer.status}`);
  const closed = within(PATIENCE_MS, `close of the socket at ${path}`, code);
  closed.catch(() => {}); // not every test waits for it
  return { connection, answer, frames, closed };
}

/** The code of a close frame; 1005 for one without. */
export function closeCodeOf({ payload }: ServerFrame): number {
  return payload.length < 2 ? 1005 : payload.readUInt16BE(0);
}

/** Fills `frames` with what comes after the head of the answer, and returns the code of the first close frame. */
function readFrames(connection: Socket, frames: Inbox<ServerFrame>): Promise<number> {
  const reader = new FrameReader();
  let head: Buffer | undefined = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const take = (chunk: Uint8Array): void => {
      for (const frame of reader.push(chunk)) {
        frames.push(frame);
        if (frame.opcode === OPCODE.close) resolve(closeCodeOf(frame));
      }
    };
    connection.on("data", (chunk: Buffer) => {
      try {
        if (head === undefined) return take(chunk);
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        const first = head.subarray(end + 4);
        head = undefined;
        take(first);
      } catch (error) {
        reject(error);
        connection.destroy();
      }
    });
    for (const event of ["end", "close"] as const) {
      connection.once(event, () => {
        frames.end("the connection has ended");
        resolve(0);
      });
    }
  });
}
