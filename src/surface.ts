/** What every door of one broker shares: the guard, the access rules, the limits, the readers' channels. @module */

import type { Broker } from "./broker.ts";
import { FloaterSurface } from "./compat/mavis-v0.ts";
import type { Channel } from "./hub/hub.ts";
import { bodyTransport, BYTES, type SseTransport } from "./hub/sse-sink.ts";
import { type SocketSubscriber, type SocketTransport, textTransport } from "./hub/ws-sink.ts";
import { type Access, createAccess } from "./http/access.ts";
import { Door } from "./http/door.ts";
import { createGuard, type Guard, type GuardOptions } from "./http/guard.ts";
import { Scraper } from "./metrics/scraper.ts";
import { Readiness } from "./readiness.ts";
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from "./routes/events.ts";
import type { MetricsFor } from "./routes/metrics.ts";

import { Logins } from "./http/logins.ts";
import { createLimiters, DEFAULT_RATES, type Rates } from "./http/rates.ts";
import { Tickets } from "./http/tickets.ts";
import type { Tokens } from "./ports/tokens.ts";
import type { Rate } from "./core/rate-limiter.ts";

/** Options of {@linkcode createSurface}; all but `broker` have defaults. */
export interface SurfaceOptions extends GuardOptions {
  /** The broker whose state is shown, and which takes the events. */
  readonly broker: Broker;
  /** The tokens that are good here. Default: none is, so that nobody from beyond this machine may do anything. */
  readonly tokens?: Tokens | undefined;
  /** True when nobody may do anything but `GET /healthz` without a credential. Default: false. */
  readonly requireToken?: boolean;
  /** What a request that was let in may do, in place of the rules of PROTOCOL.md. Tickets go by it, too. */
  readonly access?: Access;
  /** How often a client may do what. */
  readonly rates?: Partial<Rates>;
  /** True when requests are limited, too. Default: false, so that no burst of hooks is ever refused. */
  readonly limitRequests?: boolean;
  /** How the runtime writes to sockets. Default: through its own `send`, one message after the other. */
  readonly sockets?: SocketTransport;
  /** How the runtime sends event streams. Default: as the body of a Response. */
  readonly eventStreams?: SseTransport;
  /** Limits of `POST /v1/events`. */
  readonly limits?: Partial<IngestLimits>;
  /** Readers at most, over all transports. Default 1,000. */
  readonly maxReaders?: number;
  /** Bytes of a frame that a client sends at most. Default 16,384 (16 KiB). */
  readonly maxFrameBytes?: number;
  /**
   * Who may read `/metrics`. Default `admin`: only who has that scope. With `loopback` every program may that reaches the broker,
   * so use it only where it listens on the machine alone.
   */
  readonly metrics?: MetricsFor;
  /** Resident memory of the process in bytes, for the metrics. Default: not told. */
  readonly residentBytes?: () => number;
}

/** See the module. */
export interface Surface {
  readonly broker: Broker;
  readonly guard: Guard;
  readonly access: Access;
  readonly door: Door;
  readonly tickets: Tickets;
  readonly logins: Logins;
  readonly limits: IngestLimits;
  readonly maxReaders: number;
  readonly maxFrameBytes: number;
  readonly frameRate: Rate;
  readonly sockets: SocketSubscriber;
  readonly events: Channel<Uint8Array>;
  readonly openEvents: SseTransport;
  readonly floaters: FloaterSurface;
  readonly readiness: Readiness;
  readonly scraper: Scraper;
  readonly metricsFor: MetricsFor;
}

/** Makes the surface of one broker. One is enough, whatever the number of doors. */
export function createSurface(options: SurfaceOptions): Surface {
  const { broker, tokens, requireToken = false, maxReaders = 1_000, maxFrameBytes = 16 * 1024 } = options;
  const { clock } = broker;
  const rates = { ...DEFAULT_RATES, ...options.rates };
  const guard = createGuard(options);
  const logins = new Logins(clock, tokens);
  const tickets = new Tickets(clock);
  const access = options.access ?? createAccess({ tokens, logins, requireToken, allowsOrigin: guard.allowsOrigin });
  const limiters = createLimiters(rates, options.limitRequests ?? false);
  const readiness = new Readiness(broker, maxReaders);
  const sockets = (options.sockets ?? textTransport)(broker.hub);
  const frames = { maxFrameBytes, frameRate: rates.frames };
  return {
    broker,
    guard,
    access,
    door: new Door({ access, tickets, limiters, clock }),
    tickets,
    logins,
    limits: { ...DEFAULT_INGEST_LIMITS, ...options.limits },
    maxReaders,
    ...frames,
    sockets,
    events: broker.hub.channel(BYTES),
    openEvents: options.eventStreams ?? bodyTransport,
    floaters: new FloaterSurface({ broker, sockets, maxReaders, ...frames }),
    readiness,
    scraper: new Scraper({ broker, readiness, maxReaders, residentBytes: options.residentBytes }),
    metricsFor: options.metrics ?? "admin",
  };
}
