/** One queue for all readers that are told the same: each text is framed once, each reader has a place in the queue. @module */

import { CLOSE } from "../protocol/codes.ts";
import type { Message } from "../protocol/message.ts";
import type { Dialect } from "./dialect.ts";
import { LaneQueue, type QueueLimits } from "./lane-queue.ts";
import { HubCounts, type ReaderGauges } from "./counts.ts";
import { type Cut, type Ending, Reader, type ReaderLimits } from "./reader.ts";
import type { Framing, Sink } from "./sink.ts";

/** All limits of a lane. */
export type LaneLimits = QueueLimits & ReaderLimits;

/** A connection that was told its end and may not take even that. */
export interface Doomed {
  destroy(): void;
}

/** What a hub does with its lanes, whatever their framing. */
export interface Pump {
  readonly dialect: Dialect;
  /** How many readers it has. */
  readonly size: number;
  /** True while a reader waits for its connection to take what it has. */
  readonly isAnyBehind: boolean;
  /** Queues `message` for all readers; false when they are not told of it. */
  publish(message: Message): boolean;
  /** Queues a text that is no message of the log. */
  publishText(text: string): void;
  /** Writes what is queued until `isTimeUp`; true when every reader has it or is behind. */
  pump(now: number, isTimeUp: () => boolean): boolean;
  /** Looks after the connections until `isTimeUp`; true when it has seen all. */
  check(now: number, isTimeUp: () => boolean): boolean;
  /** Tells `limit` readers one last thing, if any, and closes their connections. Returns how many there were. */
  dismiss(limit: number, text: string | undefined, cut: Cut, now: number): number;
  /** Adds what it has waiting now. */
  addTo(gauges: ReaderGauges): void;
}

/** What a lane tells its hub. */
export interface LaneEvents {
  /** A reader was cut, for this reason. */
  cut(reason: string, sink: Doomed): void;
  /** A reader has left, of itself or not. */
  left(): void;
}

const TOO_FAR_BEHIND: Cut = { code: CLOSE.slow, reason: "too far behind" };

/** The readers of one dialect over one framing. */
export class Lane<Payload> implements Pump {
  readonly dialect: Dialect;
  readonly #framing: Framing<Payload>;
  readonly #limits: LaneLimits;
  readonly #events: LaneEvents;
  readonly #counts: HubCounts;
  readonly #readers = new Set<Reader<Payload>>();
  #pass: { readonly readers: Iterator<Reader<Payload>>; readonly end: number; lowest: number } | undefined;
  #round: Iterator<Reader<Payload>> | undefined;
  #behind = 0;
  readonly #queue: LaneQueue<Payload>;

  constructor(
    dialect: Dialect,
    framing: Framing<Payload>,
    limits: LaneLimits,
    events: LaneEvents,
    counts: HubCounts = new HubCounts(),
  ) {
    this.dialect = dialect;
    this.#framing = framing;
    this.#queue = new LaneQueue(framing, limits);
    this.#limits = limits;
    this.#events = events;
    this.#counts = counts;
  }

  get size(): number {
    return this.#readers.size;
  }

  get isAnyBehind(): boolean {
    return this.#behind > 0;
  }

  /** Adds a reader that has been told `texts`; from here on it gets what comes. */
  add(sink: Sink<Payload>, texts: readonly string[], now: number, ending?: Ending): Reader<Payload> {
    const reader = new Reader(sink, this.#queue.end, now, ending);
    reader.greet(this.#frameAll(texts), now);
    this.#readers.add(reader);
    return reader;
  }

  /** Takes a reader out; nothing happens when it is not in. */
  remove(reader: Reader<Payload>): void {
    if (!this.#readers.delete(reader)) return;
    if (reader.isBehind) this.#behind -= 1;
    this.#events.left();
  }

  publish(message: Message): boolean {
    const text = this.dialect.text(message, 0);
    if (text === undefined) return false;
    this.#queue.push(text, message);
    return true;
  }

  publishText(text: string): void {
    this.#queue.push(text);
  }

  pump(now: number, isTimeUp: () => boolean): boolean {
    for (;;) {
      const pass = this.#pass ??= { readers: this.#readers.values(), end: this.#queue.end, lowest: this.#queue.end };
      for (let served = 1;; served += 1) {
        const next = pass.readers.next();
        if (next.done === true) break;
        this.#deliver(next.value, now);
        pass.lowest = Math.min(pass.lowest, next.value.position);
        if (served % 16 === 0 && isTimeUp()) return false;
      }
      this.#pass = undefined;
      const dropped = this.#queue.trim(pass.lowest);
      if (dropped > 0) this.#counts.dropped.add(this.dialect.transport, dropped);
      if (pass.end === this.#queue.end) return true;
    }
  }

  check(now: number, isTimeUp: () => boolean): boolean {
    const heartbeat = this.dialect.heartbeat?.bind(this.dialect);
    let beat: Payload | undefined;
    const framed = heartbeat === undefined ? undefined : () => beat ??= this.#framing.frame(heartbeat());
    const round = this.#round ??= this.#readers.values();
    for (let seen = 1;; seen += 1) {
      const next = round.next();
      if (next.done === true) break;
      const reader = next.value;
      const cut = reader.check(now, this.#limits, reader.position === this.#queue.end ? framed : undefined);
      if (cut !== undefined) this.#cut(reader, cut);
      if (seen % 16 === 0 && isTimeUp()) return false;
    }
    this.#round = undefined;
    return true;
  }

  dismiss(limit: number, text: string | undefined, cut: Cut, now: number): number {
    const payload = text === undefined ? undefined : this.#framing.frame(text);
    const readers = [...this.#readers].slice(0, limit);
    for (const reader of readers) {
      this.#deliver(reader, now);
      if (!this.#readers.has(reader)) continue;
      if (payload !== undefined) reader.sink.write(payload);
      this.remove(reader);
      reader.sink.close(cut.code, cut.reason);
    }
    return readers.length;
  }

  addTo(gauges: ReaderGauges): void {
    gauges.readers += this.#readers.size;
    gauges.behind += this.#behind;
    gauges.lanes += 1;
    gauges.lanesBehind += this.#behind > 0 ? 1 : 0;
    gauges.messages += this.#queue.length;
    gauges.chars += this.#queue.chars;
    for (const { sink: { backlog } } of this.#readers) {
      gauges.backlogBytes += backlog;
      gauges.maxBacklogBytes = Math.max(gauges.maxBacklogBytes, backlog);
    }
  }

  /** Gives `reader` all that it has not had, in one write, unless its connection has not taken what it had before. */
  #deliver(reader: Reader<Payload>, now: number): void {
    if (reader.position === this.#queue.end) return this.#setBehind(reader, false);
    const { backlog } = reader.sink;
    if (backlog >= this.#limits.highWaterBytes) {
      this.#setBehind(reader, true);
      if (!this.dialect.canRestart && this.#queue.isTooFar(reader.position)) this.#cut(reader, TOO_FAR_BEHIND);
      return;
    }
    if (reader.position < this.#queue.start) return this.#restart(reader, now);
    const payload = reader.isBehind ? this.#conflatedFor(reader) : this.#queue.joinedFrom(reader.position);
    // Before the write: what a write may cause to be published is not in this payload.
    reader.position = this.#queue.end;
    this.#setBehind(reader, false);
    reader.write(payload, now, backlog);
  }

  /** A reader that has missed more than is kept is told everything anew. */
  #restart(reader: Reader<Payload>, now: number): void {
    const texts = this.dialect.restart();
    if (texts === undefined) return this.#cut(reader, TOO_FAR_BEHIND);
    this.#counts.reset.add(this.dialect.transport);
    reader.position = this.#queue.end;
    this.#setBehind(reader, false);
    reader.greet(this.#frameAll(texts), now);
  }

  /** A reader that was left behind gets of messages that replace each other only the last. */
  #conflatedFor(reader: Reader<Payload>): Payload {
    return this.#queue.conflatedFrom(reader.position, (message, conflated) => {
      this.#counts.conflated.add(this.dialect.transport, conflated);
      return this.dialect.text(message, conflated);
    });
  }

  #frameAll(texts: readonly string[]): Payload {
    return this.#framing.join(texts.map((text) => this.#framing.frame(text)));
  }

  #setBehind(reader: Reader<Payload>, isBehind: boolean): void {
    if (reader.isBehind === isBehind) return;
    reader.isBehind = isBehind;
    this.#behind += isBehind ? 1 : -1;
  }

  #cut(reader: Reader<Payload>, cut: Cut): void {
    this.remove(reader);
    if (cut.isDead === true) reader.sink.destroy();
    else reader.sink.close(cut.code, cut.reason);
    this.#events.cut(cut.reason, reader.sink);
  }
}
