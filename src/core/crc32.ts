/** CRC-32 as zlib and gzip have it (RFC 1952 §8), where loading zlib would cost more than it saves. @module */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let bits = byte;
  for (let i = 0; i < 8; i += 1) bits = bits & 1 ? (bits >>> 1) ^ 0xedb88320 : bits >>> 1;
  return bits;
});

const encoder = new TextEncoder();

/** The checksum of a text in UTF-8: 32 bits, not negative. */
export function crc32(text: string): number {
  let sum = 0xffffffff;
  for (const byte of encoder.encode(text)) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}
