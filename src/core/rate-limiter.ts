/** How often something may happen, for any number of clients. @module */

/** How often something may happen. */
export interface Rate {
  /** In the long run, in times a second; it may be less than 1. Infinity for no limit. */
  readonly perSecond: number;
  /** How often at once, after a rest: from 1. */
  readonly burst: number;
}

/** Clients that are remembered at most; the one that was last let through longest ago is forgotten. */
export const MOST_CLIENTS = 10_000;

/** What adding up fractions of milliseconds may leave over. */
const ROUNDING_MS = 1e-6;

/** The token bucket of one client, kept as one number: the time at which it is full again (GCRA, ITU-T I.371). */
export class Meter {
  readonly #stepMs: number;
  readonly #slackMs: number;
  #fullAt = 0;

  /** @throws {RangeError} If the rate is not positive, or the burst is less than 1. */
  constructor({ perSecond, burst }: Rate) {
    if (!(perSecond > 0 && burst >= 1)) throw new RangeError(`Cannot allow ${perSecond} a second and ${burst} at once`);
    this.#stepMs = 1000 / perSecond;
    this.#slackMs = this.#stepMs * (burst - 1);
  }

  /**
   * Counts one more at `now`, in milliseconds of a clock that never goes back. Returns 0 when it may happen, else after how many
   * whole milliseconds it may; what may not happen is not counted.
   */
  take(now: number): number {
    if (this.#stepMs === 0) return 0;
    const fullAt = Math.max(this.#fullAt, now);
    const waitMs = fullAt - this.#slackMs - now;
    if (waitMs > ROUNDING_MS) return Math.ceil(waitMs);
    this.#fullAt = fullAt + this.#stepMs;
    return 0;
  }
}

/**
 * A {@linkcode Meter} for each client.
 *
 * hono-rate-limiter 0.5 can't do this: it counts in fixed windows, which let twice the limit through at their border; it is
 * asynchronous and wants a context of Hono, while hooks are answered before Hono sees them, upgrades are judged in one go, and
 * frames have no context; and what it remembers between two windows has no limit.
 */
export class RateLimiter {
  readonly #rate: Rate;
  readonly #meters = new Map<string, Meter>();

  /** @throws {RangeError} If the rate is not positive, or the burst is less than 1. */
  constructor(rate: Rate) {
    this.#rate = rate;
    new Meter(rate);
  }

  /** As {@linkcode Meter.take}, for `client`. */
  take(client: string, now: number): number {
    const meter = this.#meters.get(client) ?? new Meter(this.#rate);
    const waitMs = meter.take(now);
    if (waitMs > 0) return waitMs;
    this.#meters.delete(client);
    this.#meters.set(client, meter);
    if (this.#meters.size > MOST_CLIENTS) this.#forgetOldest();
    return 0;
  }

  #forgetOldest(): void {
    for (const client of this.#meters.keys()) return void this.#meters.delete(client);
  }
}
