/** WebSocket framing of text messages that a server sends (RFC 6455 §5.2): made once, written to any number of sockets. @module */

const encoder = new TextEncoder();

/** An unmasked, unfragmented text frame. */
export function textFrame(text: string): Uint8Array {
  const payload = encoder.encode(text);
  const size = payload.length;
  const header = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = new Uint8Array(header + size);
  frame[0] = 0x81; // FIN and opcode 1, text
  if (header === 2) {
    frame[1] = size;
  } else if (header === 4) {
    frame[1] = 126;
    new DataView(frame.buffer).setUint16(2, size);
  } else {
    frame[1] = 127;
    new DataView(frame.buffer).setBigUint64(2, BigInt(size));
  }
  frame.set(payload, header);
  return frame;
}
