/** The streams that readers read, and how to count what is in them. @module */

/** A stream. */
export interface Wire {
  readonly transport: "socket" | "events";
  readonly path: string;
  /** What stands before the pose in every state message, and nowhere else. */
  readonly poseKey: Buffer;
  /** What the last words of a greeting have in them. */
  readonly greetingEnd: string;
}

/** The v0 socket, which the peer has too. */
export const FLOATER_SOCKET: Wire = {
  transport: "socket",
  path: "/ws",
  poseKey: Buffer.from('"state":"'),
  greetingEnd: '"type":"sessions"',
};

/** The v1 socket for readers that take several messages in one frame. */
export const BATCHED_SOCKET: Wire = {
  transport: "socket",
  path: "/v1/ws?batch=1&topics=state,pet",
  poseKey: Buffer.from('"pose":"'),
  greetingEnd: '"type":"live"',
};

/** The event stream. */
export const EVENT_STREAM: Wire = {
  transport: "events",
  path: "/events?topics=state,pet",
  poseKey: Buffer.from('"pose":"'),
  greetingEnd: "event: live",
};

/** What some bytes of a stream hold. */
export interface Found {
  /** State messages. */
  readonly changes: number;
  /** True when the marker is in them. */
  readonly isMarked: boolean;
  /** Pongs to answer with. */
  readonly pongs: Buffer | undefined;
  /** The beginning of what is not whole yet. */
  readonly rest: Buffer | undefined;
}

/** Counts what whole frames or events of `bytes` hold. */
export function scan({ transport, poseKey }: Wire, bytes: Buffer, marker: string): Found {
  const { end, pongs } = transport === "socket" ? walkFrames(bytes) : { end: endOfEvents(bytes), pongs: undefined };
  const whole = bytes.subarray(0, end);
  return {
    changes: countChanges(whole, poseKey),
    isMarked: marker !== "" && whole.includes(marker),
    pongs,
    rest: end < bytes.length ? Buffer.from(bytes.subarray(end)) : undefined,
  };
}

function countChanges(bytes: Buffer, poseKey: Buffer): number {
  let changes = 0;
  for (let at = bytes.indexOf(poseKey); at >= 0; at = bytes.indexOf(poseKey, at + poseKey.length)) changes += 1;
  return changes;
}

/** Events end with an empty line. What the transfer coding puts between them is no hindrance. */
function endOfEvents(bytes: Buffer): number {
  const last = bytes.lastIndexOf("\n\n");
  return last < 0 ? 0 : last + 2;
}

const OPCODE_CLOSE = 8;
const OPCODE_PING = 9;

/** A close frame ends what is looked at: its reader is gone. */
function walkFrames(bytes: Buffer): { readonly end: number; readonly pongs: Buffer | undefined } {
  let end = 0;
  let pongs: Buffer | undefined;
  while (end + 2 <= bytes.length) {
    const short = bytes.readUInt8(end + 1) & 127;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (end + header > bytes.length) break;
    const size = header === 2 ? short : header === 4 ? bytes.readUInt16BE(end + 2) : Number(bytes.readBigUInt64BE(end + 2));
    if (end + header + size > bytes.length) break;
    const opcode = bytes.readUInt8(end) & 15;
    if (opcode === OPCODE_CLOSE) break;
    if (opcode === OPCODE_PING) {
      const pong = pongTo(bytes.subarray(end + header, end + header + size));
      pongs = pongs === undefined ? pong : Buffer.concat([pongs, pong]);
    }
    end += header + size;
  }
  return { end, pongs };
}

/** What a client sends is masked; a mask of zeros leaves the payload as it is. */
function pongTo(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x8a, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
