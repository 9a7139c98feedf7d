/** One reader: its connection, its place in its lane, and whether it still takes anything. @module */

import { CLOSE, type CloseCode } from "../protocol/codes.ts";
import type { Sink } from "./sink.ts";

/** When a reader counts as dead or too slow. */
export interface ReaderLimits {
  /** A reader with this many bytes unsent gets nothing new until it has taken some. Default 65,536 (64 KiB). */
  readonly highWaterBytes: number;
  /** A reader that takes nothing of its backlog for this long is cut. Default 10,000 ms (10 s). */
  readonly stallMs: number;
  /** A reader with more than this unsent is cut. Default 1,048,576 (1 MiB); a snapshot may be larger. */
  readonly maxBacklogBytes: number;
  /** A stream that was quiet for this long gets a heartbeat. Default 15,000 ms (15 s). */
  readonly heartbeatMs: number;
  /** A WebSocket that was quiet for this long is pinged. Default 25,000 ms (25 s). */
  readonly pingMs: number;
  /** A ping must be answered within this. Default 10,000 ms (10 s). */
  readonly pongMs: number;
}

/** The documented defaults of {@linkcode ReaderLimits}. */
export const DEFAULT_READER_LIMITS: ReaderLimits = {
  highWaterBytes: 64 * 1024,
  stallMs: 10_000,
  maxBacklogBytes: 1024 * 1024,
  heartbeatMs: 15_000,
  pingMs: 25_000,
  pongMs: 10_000,
};

/** Why a reader is cut. */
export interface Cut {
  /** What a WebSocket is closed with. */
  readonly code: CloseCode;
  /** In a few words, for the close frame and the log. */
  readonly reason: string;
  /** True when nobody is there to be told. */
  readonly isDead?: boolean;
}

/** Says why a reader must go by now, whatever its connection does; undefined while it may stay. Asked about every second. */
export type Ending = () => Cut | undefined;

const STALLED: Cut = { code: CLOSE.slow, reason: "no progress" };
const TOO_FAR_BEHIND: Cut = { code: CLOSE.slow, reason: "too far behind" };
const NO_PONG: Cut = { code: CLOSE.goingAway, reason: "no pong", isDead: true };

/** A reader and its place in its lane. */
export class Reader<Payload> {
  readonly sink: Sink<Payload>;
  /** Place in the lane of the next message for it. */
  position: number;
  /** True while it is left behind because it takes too little. */
  isBehind = false;
  #wroteAt: number;
  #pingedAt = 0;
  #greetingBytes = 0;
  #stuckSince = 0;
  #stuckBacklog = 0;
  readonly #ending: Ending | undefined;

  constructor(sink: Sink<Payload>, position: number, now: number, ending?: Ending) {
    this.#ending = ending;
    this.sink = sink;
    this.position = position;
    this.#wroteAt = now;
  }

  /** Tells a reader everything, which may be a snapshot of any size. */
  greet(payload: Payload, now: number): void {
    this.write(payload, now, this.sink.backlog);
    this.#greetingBytes = this.sink.backlog;
  }

  /** @param backlog What the sink held before, so that a reader that takes as much as it is given is seen to take it. */
  write(payload: Payload, now: number, backlog: number): void {
    if (backlog < this.#stuckBacklog) this.#stuckSince = backlog === 0 ? 0 : now;
    this.sink.write(payload);
    this.#stuckBacklog = backlog === 0 ? 0 : this.sink.backlog;
    this.#wroteAt = now;
  }

  /** Looks after the connection; to be called about every second. Returns why it must be cut, if it must. */
  check(now: number, limits: ReaderLimits, heartbeat: (() => Payload) | undefined): Cut | undefined {
    const end = this.#ending?.();
    if (end !== undefined) return end;
    const backlog = this.sink.backlog;
    if (backlog > limits.maxBacklogBytes + this.#greetingBytes) return TOO_FAR_BEHIND;
    if (backlog === 0 || this.#stuckSince === 0 || backlog < this.#stuckBacklog) {
      this.#stuckSince = backlog === 0 ? 0 : now;
      this.#stuckBacklog = backlog;
    } else if (now - this.#stuckSince >= limits.stallMs) {
      return STALLED;
    }
    return this.#keepAlive(now, backlog, limits, heartbeat);
  }

  #keepAlive(now: number, backlog: number, limits: ReaderLimits, heartbeat: (() => Payload) | undefined): Cut | undefined {
    if (this.sink.ping === undefined) {
      const isQuiet = now - this.#wroteAt >= limits.heartbeatMs && !this.isBehind;
      if (isQuiet && heartbeat !== undefined) this.write(heartbeat(), now, backlog);
      return undefined;
    }
    if (this.#pingedAt > 0) return now - this.#pingedAt >= limits.pongMs ? NO_PONG : undefined;
    if (now - this.#wroteAt < limits.pingMs) return undefined;
    this.#wroteAt = now;
    this.#pingedAt = now;
    this.sink.ping(() => this.#pingedAt = 0);
    return undefined;
  }
}
