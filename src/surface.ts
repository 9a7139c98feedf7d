/** What every door of one broker shares: the guard, the access rules, the limits, the readers' channels. @module */

import type { Broker } from "./broker.ts";
import { FloaterSurface } from "./compat/mavis-v0.ts";
import type { Channel } from "./hub/hub.ts";
import { bodyTransport, BYTES, type SseTransport } from "./hub/sse-sink.ts";
import { type SocketSubscriber, type SocketTransport, textTransport } from "./hub/ws-sink.ts";
import { type Access, localAccess } from "./http/access.ts";
import { createGuard, type Guard, type GuardOptions } from "./http/guard.ts";
import { Scraper } from "./metrics/scraper.ts";
import type { Tokens } from "./ports/tokens.ts";
import { Readiness } from "./readiness.ts";
import { DEFAULT_INGEST_LIMITS, type IngestLimits } from "./routes/events.ts";
import type { MetricsFor } from "./routes/metrics.ts";

/** Options of {@linkcode createSurface}; all but `broker` have defaults. */
export interface SurfaceOptions extends GuardOptions {
  /** The broker whose state is shown, and which takes the events. */
  readonly broker: Broker;
  /** What a request that was let in may do. Default: local programs everything, pages no titles, folders, tools or events. */
  readonly access?: Access;
  /** The tokens that are known. Default: none. */
  readonly tokens?: Tokens;
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
  readonly limits: IngestLimits;
  readonly maxReaders: number;
  readonly maxFrameBytes: number;
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
  const { broker, access = localAccess, maxReaders = 1_000, maxFrameBytes = 16 * 1024 } = options;
  const readiness = new Readiness(broker, maxReaders);
  const sockets = (options.sockets ?? textTransport)(broker.hub);
  return {
    broker,
    guard: createGuard(options),
    access,
    limits: { ...DEFAULT_INGEST_LIMITS, ...options.limits },
    maxReaders,
    maxFrameBytes,
    sockets,
    events: broker.hub.channel(BYTES),
    openEvents: options.eventStreams ?? bodyTransport,
    floaters: new FloaterSurface({ broker, sockets, maxReaders, maxFrameBytes }),
    readiness,
    scraper: new Scraper({ broker, readiness, maxReaders, residentBytes: options.residentBytes }),
    metricsFor: options.metrics ?? "admin",
  };
}
