/** Whether a connection can be believed, and if not, why. @module */

/** Why a stream is not live. */
export interface Cause {
  /**
   * Stable, made for programs: `unreachable` (a page whose origin the broker refuses is told no more), `lost` (it broke),
   * `silent` (nothing came for `watchdogMs`), `invalid_message`, `shutdown`, `slow` and `overload` (the broker said `bye`),
   * `ws_4408` and the like (a WebSocket close code), `http_500` and the like, `not_a_stream`, `cannot_open`, `ended` (the broker
   * wants this reader to stay away), `closed` (by `close()`), or the `code` of the broker's error, e.g. `foreign_origin`.
   */
  readonly code: string;
  /** What happened, with which value, and what to do. */
  readonly detail: string;
}

/**
 * `connecting`: nothing is known yet. `live`: what is known is true now. `stale`: it was true once; the stream broke, and the
 * client tries to get it back. `closed`: it is over for good.
 */
export type Phase = "connecting" | "live" | "stale" | "closed";

/** How things stand. A pet should show a state as true only in the phase `live`. */
export interface Status {
  /** Whether what is known can be believed. */
  readonly phase: Phase;
  /** Why the last stream ended; absent while live, and before anything has failed. */
  readonly cause?: Cause;
  /** How long after this status the next try is made, in milliseconds; absent while one is under way, and when there is none. */
  readonly retryInMs?: number;
}

/** Thrown out of `for await` over a connection. */
export class ConnectionError extends Error {
  /** The name of the class. */
  override readonly name: string = "ConnectionError";
  /** `buffer_overflow`, or that of the {@linkcode Cause} for which the connection was closed. */
  readonly code: string;

  /** An error whose message is the `detail` of its cause. */
  constructor({ code, detail }: Cause) {
    super(detail);
    this.code = code;
  }
}
