/** What a client sends over a WebSocket: not too much, and not too often. @module */

import { Meter, type Rate } from "../core/rate-limiter.ts";
import type { Cut } from "../hub/reader.ts";
import type { Clock } from "../ports/clock.ts";
import { CLOSE } from "../protocol/codes.ts";

/** What a {@linkcode FrameCheck} goes by. */
export interface FrameLimits {
  readonly broker: { readonly clock: Clock };
  /** Bytes of a frame at most. */
  readonly maxFrameBytes: number;
  /** How often a client may send one. */
  readonly frameRate: Rate;
}

const TOO_LARGE: Cut = { code: CLOSE.tooBig, reason: "frame too large" };
const TOO_OFTEN: Cut = { code: CLOSE.rate, reason: "too many frames" };

/** Looks at all frames of one client. */
export class FrameCheck {
  readonly #limits: FrameLimits;
  readonly #meter: Meter;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
    this.#meter = new Meter(limits.frameRate);
  }

  /** Counts a frame. Returns why its client must go, if it must. */
  problemOf(data: unknown): Cut | undefined {
    const { broker, maxFrameBytes } = this.#limits;
    if (isFrameTooLarge(data, maxFrameBytes)) return TOO_LARGE;
    return this.#meter.take(broker.clock.now()) === 0 ? undefined : TOO_OFTEN;
  }
}

/** True for a frame of more than `maxBytes`. Deno takes frames of any size up to 64 MiB, so this is asked for each. */
function isFrameTooLarge(data: unknown, maxBytes: number): boolean {
  if (typeof data === "string") {
    return data.length > maxBytes || (data.length * 3 > maxBytes && new TextEncoder().encode(data).byteLength > maxBytes);
  }
  return data instanceof ArrayBuffer ? data.byteLength > maxBytes : data instanceof Blob && data.size > maxBytes;
}
