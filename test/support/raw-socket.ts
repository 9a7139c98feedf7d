/** WebSockets frame by frame: what no WebSocket client would send. @module */

import type { Socket } from "node:net";
import { PATIENCE_MS, within } from "./inbox.ts";
import { connectTo, type RawHeaders, readAnswer, requestBytes, UPGRADE } from "./raw-http.ts";

/** Opcodes of RFC 6455. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a frame is made; by default whole, masked and right. */
export interface FrameOptions {
  readonly isLast?: boolean;
  readonly isMasked?: boolean;
  /** The length that the head tells, where it is a lie. */
  readonly told?: number;
}

/** The bytes of a frame. */
export function frame(opcode: number, payload: string | Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { isLast = true, isMasked = true } = options;
  const data = Buffer.from(payload);
  const length = options.told ?? data.length;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = (isLast ? 0x80 : 0) | opcode;
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
  /** The code of the server's close frame, once it is there; 0 when the connection ends without one. */
  readonly closed: Promise<number>;
}

/** Upgrades a connection at `path`. */
export async function openRawSocket(port: number, path: string, more: RawHeaders = []): Promise<RawSocket> {
  const connection = await connectTo(port);
  const answer = readAnswer(connection);
  const code = new Promise<number>((resolve) => {
    let bytes = Buffer.alloc(0);
    connection.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const code = closeCodeIn(bytes);
      if (code !== undefined) resolve(code);
    });
    connection.once("end", () => resolve(0)).once("close", () => resolve(0));
  });
  connection.write(requestBytes({ target: path, headers: [["Host", `127.0.0.1:${port}`], ...UPGRADE, ...more] }));
  const { status } = await answer;
  if (status !== 101) throw new Error(`The upgrade at ${path} was answered with ${status}`);
  const closed = within(PATIENCE_MS, `close of the socket at ${path}`, code);
  closed.catch(() => {}); // not every test waits for it
  return { connection, closed };
}

/** The code of the close frame among the frames after the head; undefined while there is none. */
function closeCodeIn(bytes: Buffer): number | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  for (let start = end + 4; end >= 0 && start + 2 <= bytes.length;) {
    const short = (bytes[start + 1] ?? 0) & 0x7F;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (start + head > bytes.length) return undefined;
    const length = head === 2 ? short : head === 4 ? bytes.readUInt16BE(start + 2) : Number(bytes.readBigUInt64BE(start + 2));
    const isClose = ((bytes[start] ?? 0) & 0x0F) === OPCODE.close;
    if (isClose && start + head + length <= bytes.length) return length < 2 ? 1005 : bytes.readUInt16BE(start + head);
    start += head + length;
  }
  return undefined;
}
