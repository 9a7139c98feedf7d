/** Short names of texts. @module */

/**
 * A text of 13 hexadecimal digits that tells texts apart: 52 bits, of two multiplicative hashes over UTF-16 units (the mixing steps
 * are those of MurmurHash3's finaliser). Whoever wants two texts of one name can make them, so it proves nothing.
 */
export function fingerprint(text: string): string {
  let high = 0x9e3779b9;
  let low = 0x85ebca6b;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 0xcc9e2d51);
    low = Math.imul(low ^ unit, 0x1b873593);
    high = (high << 13) | (high >>> 19);
    low = (low << 15) | (low >>> 17);
  }
  high = mix(high ^ text.length);
  low = mix(low ^ high);
  return (low >>> 0).toString(16).padStart(8, "0") + (high >>> 12).toString(16).padStart(5, "0");
}

function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
