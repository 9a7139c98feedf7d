/** How often a client may do what. A client is a token, or without one an address. @module */

import { type Rate, RateLimiter } from "../core/rate-limiter.ts";
import type { Refusal } from "./guard.ts";

/** How often a client may do what. */
export interface Rates {
  /** Presenting credentials that are wrong. Default 10 a minute, 10 at once. Right ones are taken all the same. */
  readonly failures: Rate;
  /** Opening event streams and WebSockets. Default 50 a second, 1,000 at once: after a restart all readers come back at once. */
  readonly streams: Rate;
  /** Frames on one WebSocket. Default 20 a second, 40 at once. */
  readonly frames: Rate;
  /** Requests, where they are limited. Default 200 a second, 1,000 at once. */
  readonly requests: Rate;
}

/** The documented defaults of {@linkcode Rates}. */
export const DEFAULT_RATES: Rates = {
  failures: { perSecond: 10 / 60, burst: 10 },
  streams: { perSecond: 50, burst: 1_000 },
  frames: { perSecond: 20, burst: 40 },
  requests: { perSecond: 200, burst: 1_000 },
};

/** What is counted over all connections. */
export interface Limiters {
  readonly failures: RateLimiter;
  readonly streams: RateLimiter;
  /** Undefined where requests are not limited. */
  readonly requests: RateLimiter | undefined;
}

/** Starts to count. */
export function createLimiters({ failures, streams, requests }: Rates, areRequestsLimited: boolean): Limiters {
  return {
    failures: new RateLimiter(failures),
    streams: new RateLimiter(streams),
    requests: areRequestsLimited ? new RateLimiter(requests) : undefined,
  };
}

/** Wrong credentials came too often. */
export const TOO_MANY_FAILURES: Refusal = {
  status: 429,
  code: "too_many_failures",
  detail: "Too many wrong credentials came from this address",
};

/** Streams are opened too fast. */
export const TOO_MANY_STREAMS: Refusal = {
  status: 429,
  code: "too_many_streams",
  detail: "This client opens streams too fast",
};

/** Requests come too fast. */
export const TOO_MANY_REQUESTS: Refusal = { status: 429, code: "too_many_requests", detail: "This client asks too often" };

/** A refusal with the time to wait, in whole seconds. */
export function waiting(refusal: Refusal, waitMs: number): Refusal {
  const seconds = Math.ceil(waitMs / 1000);
  const detail = `${refusal.detail}: try again in ${seconds} s`;
  return { ...refusal, detail, headers: { "retry-after": String(seconds) } };
}
