/** How far a reader has come in the log, so that it is told nothing twice and nothing out of order. @module */

import { parseCursor } from "../protocol/cursor.ts";
import type { WireMessage } from "../protocol/types.ts";

/** The reader's place, over all streams that it has had. */
export class Progress {
  #cursor: string | undefined;
  #place: { readonly epoch: string; readonly seq: number } | undefined;
  #mayBeEarly = false;
  #isEarly = false;
  #isCaughtUp = false;

  /** @param since Where to start; not only a cursor but also a name for a place in the log, e.g. `earliest`. */
  constructor(since: string | undefined) {
    this.#cursor = since === "" ? undefined : since;
    this.#place = since === undefined ? undefined : parseCursor(since);
  }

  /** What to resume with. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  /**
   * A new stream starts, and is asked to go on after `cursor`.
   *
   * @param asksLate True when the broker may have begun to tell before it sees that.
   */
  begin(asksLate: boolean): void {
    this.#mayBeEarly = asksLate && this.#cursor !== undefined;
    this.#isEarly = false;
    this.#isCaughtUp = false;
  }

  /**
   * Takes note of `message`; true when it is news.
   *
   * What a broker tells before it sees what it was asked for, up to the next `hello`, is no news. Nor is the answer of one that
   * was asked for a sign of life, when nothing was missed.
   *
   * @throws {TypeError} If it belongs to another log than the stream.
   */
  admit(message: WireMessage): boolean {
    if (message.type === "bye") return true;
    if (message.type === "hello") {
      this.#isEarly = false;
      return !(this.#isCaughtUp && message.data.recovered);
    }
    if (this.#isEarly) return false;
    if (message.type === "reset") return this.#reset(message.data.reason);
    if (message.type !== "live") return this.advance(message.id);
    this.advance(message.id);
    const isNews = !this.#isCaughtUp;
    this.#isCaughtUp = true;
    return isNews;
  }

  /** Moves on to the cursor `id`; false when the reader has been there. */
  advance(id: string | undefined): boolean {
    const next = parseCursor(id ?? "");
    if (next === undefined || (this.#place !== undefined && this.#place.epoch !== next.epoch)) {
      throw new TypeError(`The broker sent the cursor ${id} after ${this.#cursor}`);
    }
    if (this.#place !== undefined && next.seq <= this.#place.seq) return false;
    this.#place = next;
    this.#cursor = id;
    return true;
  }

  #reset(reason: string): boolean {
    this.#isEarly = this.#mayBeEarly && reason === "none";
    if (this.#isEarly) return false;
    this.#cursor = undefined;
    this.#place = undefined;
    this.#isCaughtUp = false;
    return true;
  }
}
