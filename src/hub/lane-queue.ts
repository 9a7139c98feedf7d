/** What a lane has to tell: each text framed once, kept until every reader has had it. @module */

import type { Message } from "../protocol/message.ts";
import type { Framing } from "./sink.ts";

/** How much is kept for readers that are not up to date. */
export interface QueueLimits {
  /** Messages that a lane keeps at most. Default 4,096. */
  readonly messages: number;
  /** Characters of their texts that a lane keeps at most. Default 1,048,576. */
  readonly chars: number;
  /** A reader that must have every message is cut when it is behind by more messages than this. Default 256. */
  readonly behindMessages: number;
  /** The same in characters of their texts. Default 262,144. */
  readonly behindChars: number;
}

/** The documented defaults of {@linkcode QueueLimits}. */
export const DEFAULT_QUEUE_LIMITS: QueueLimits = {
  messages: 4096,
  chars: 1024 * 1024,
  behindMessages: 256,
  behindChars: 256 * 1024,
};

interface Queued<Payload> {
  readonly message: Message | undefined;
  readonly payload: Payload;
  readonly chars: number;
}

/** Framed texts by their place; places grow by one and are never used again. */
export class LaneQueue<Payload> {
  readonly #framing: Framing<Payload>;
  readonly #limits: QueueLimits;
  #items: Queued<Payload>[] = [];
  #start = 0;
  #chars = 0;
  #joined: { readonly from: number; readonly to: number; readonly payload: Payload } | undefined;

  constructor(framing: Framing<Payload>, limits: QueueLimits) {
    this.#framing = framing;
    this.#limits = limits;
  }

  /** Place of the oldest item that is kept. */
  get start(): number {
    return this.#start;
  }

  /** Place after the newest item. */
  get end(): number {
    return this.#start + this.#items.length;
  }

  /** How many items are kept. */
  get length(): number {
    return this.#items.length;
  }

  /** How many characters their texts have. */
  get chars(): number {
    return this.#chars;
  }

  push(text: string, message?: Message): void {
    this.#items.push({ message, payload: this.#framing.frame(text), chars: text.length });
    this.#chars += text.length;
  }

  /**
   * Lets go of what every reader has had, up to `lowest`; of the oldest too when that is still too much. Returns how many those
   * were.
   */
  trim(lowest: number): number {
    let dropped = 0;
    for (;;) {
      const item = this.#items[dropped];
      if (item === undefined) break;
      const isTooMuch = this.#items.length - dropped > this.#limits.messages || this.#chars > this.#limits.chars;
      if (this.#start + dropped >= lowest && !isTooMuch) break;
      this.#chars -= item.chars;
      dropped += 1;
    }
    const oldest = Math.max(lowest, this.#start);
    this.#items.splice(0, dropped);
    this.#start += dropped;
    this.#joined = undefined;
    return Math.max(0, this.#start - oldest);
  }

  /** True when what follows `place` is more than may be kept for a reader that must have all of it. */
  isTooFar(place: number): boolean {
    if (this.end - place > this.#limits.behindMessages) return true;
    let chars = 0;
    for (const item of this.#from(place)) chars += item.chars;
    return chars > this.#limits.behindChars;
  }

  /** All from `place` on as one payload; readers at one place share it. */
  joinedFrom(place: number): Payload {
    const memo = this.#joined;
    if (memo !== undefined && memo.from === place && memo.to === this.end) return memo.payload;
    const payloads = this.#from(place).map((item) => item.payload);
    const [first] = payloads;
    const payload = payloads.length === 1 && first !== undefined ? first : this.#framing.join(payloads);
    this.#joined = { from: place, to: this.end, payload };
    return payload;
  }

  /** The same, but of messages that replace each other only the last, told by `retell` with the number of those left out. */
  conflatedFrom(place: number, retell: (message: Message, conflated: number) => string | undefined): Payload {
    const items = this.#from(place);
    const counts = new Map<string, number>();
    for (const { message } of items) {
      if (message?.key !== undefined) counts.set(message.key, (counts.get(message.key) ?? 0) + 1);
    }
    const newestFirst: Payload[] = [];
    for (const { message, payload } of items.reverse()) {
      const key = message?.key;
      const count = key === undefined ? 1 : counts.get(key) ?? 0;
      if (key !== undefined) counts.delete(key);
      if (count === 0) continue;
      const text = message !== undefined && count > 1 ? retell(message, count - 1) : undefined;
      newestFirst.push(text === undefined ? payload : this.#framing.frame(text));
    }
    return this.#framing.join(newestFirst.reverse());
  }

  #from(place: number): Queued<Payload>[] {
    return this.#items.slice(Math.max(0, place - this.#start));
  }
}
