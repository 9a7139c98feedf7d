/** The frames of a server, taken apart as RFC 6455 §5 says and held to what a server must keep. @module */

/** A frame that a server has sent. */
export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Takes bytes as they come, in pieces of any size. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * The frames that are whole with these bytes.
   *
   * @throws {Error} At a frame that no server may send: masked, with a reserved bit, or a control frame in parts or too long.
   */
  push(chunk: Uint8Array): ServerFrame[] {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const frames: ServerFrame[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) frames.push(next);
    return frames;
  }

  #next(): ServerFrame | undefined {
    const bytes = this.#rest;
    const [first = 0, second = 0] = bytes;
    const short = second & 0x7F;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < head) return undefined;
    const length = head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if ((first & 0x70) !== 0 || (second & 0x80) !== 0 || ((first & 0x08) !== 0 && (first < 0x80 || length > 125))) {
      throw new Error(`No server may send a frame that begins with ${bytes.toString("hex", 0, head)}`);
    }
    if (bytes.length < head + length) return undefined;
    this.#rest = bytes.subarray(head + length);
    return { opcode: first & 0x0F, payload: bytes.subarray(head, head + length) };
  }
}
