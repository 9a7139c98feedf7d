/** Tickets: what a page puts into the address of a WebSocket, since it can't send a header there. @module */

import type { Clock } from "../ports/clock.ts";
import type { Grant } from "./grant.ts";
import { Secrets } from "./secrets.ts";

/** How long a ticket works, in milliseconds. */
export const TICKET_MS = 30_000;

/** Tickets that wait to be used at most; the oldest makes room. */
const MOST_TICKETS = 1_000;

interface Ticket {
  readonly grant: Grant;
  /** The page that asked for it; undefined for a program. */
  readonly origin: string | undefined;
}

/** The tickets of one broker, in memory. */
export class Tickets {
  readonly #clock: Clock;
  readonly #secrets = new Secrets<Ticket>({ ms: TICKET_MS, max: MOST_TICKETS });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A ticket for what `grant` allows, good for pages of `origin` alone, or for programs alone. */
  issue(grant: Grant, origin: string | undefined): string {
    return this.#secrets.issue({ grant, origin }, this.#clock.now());
  }

  /** What a ticket allows, once; undefined when it is wrong, used, too old, or another page's. Whoever shows it, it is used then. */
  redeem(ticket: string, origin: string | undefined): Grant | undefined {
    const found = this.#secrets.take(ticket, this.#clock.now());
    return found?.origin === origin ? found?.grant : undefined;
  }
}
