/** Every code that a client can meet: WebSocket close codes, and why a stream starts with a snapshot. @module */

/**
 * WebSocket close codes. 4400 to 4499 ask the client to come back with its cursor, 4500 to 4599 to stay away; the split is
 * Centrifugo's.
 */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  restart: 1012,
  overload: 1013,
  tokenExpired: 4401,
  slow: 4408,
  insufficientState: 4409,
  rate: 4429,
  revoked: 4501,
  forbidden: 4503,
} as const;

/** A WebSocket close code that the broker sends, or keeps for later. */
export type CloseCode = typeof CLOSE[keyof typeof CLOSE];

/** True when a client should connect again after this close code. */
export function mayReturn(code: number): boolean {
  return code !== CLOSE.policy && code !== CLOSE.tooBig && !(code >= 4500 && code <= 4599);
}

/**
 * Why a stream starts, or starts over, with a snapshot: `none` no cursor was sent, `epoch` it is of another log, `gap` it is
 * older than what is kept, `future` it is ahead of the log, `malformed` it is no cursor, `too_large` too much was missed.
 */
export type ResetReason = "none" | "epoch" | "gap" | "future" | "malformed" | "too_large";
