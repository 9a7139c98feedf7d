/** What both runtimes offer to whoever starts a broker. @module */

import { hostsFor, isAnyAddress, type Scheme } from "../src/http/guard.ts";
import { isLoopback } from "../src/http/peers.ts";
import type { SurfaceOptions } from "../src/surface.ts";

/** A certificate and its key. */
export interface TlsOptions {
  /** The certificate, and those that it is signed with, as PEM. */
  readonly cert: string;
  /** Its private key, as PEM, not encrypted. */
  readonly key: string;
}

/** Options of a server. */
export interface ServeOptions
  extends Omit<SurfaceOptions, "sockets" | "eventStreams" | "hosts" | "addressPort" | "scheme" | "residentBytes"> {
  /** Name or address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port to listen on; 0 for a free one. Default 7857. */
  readonly port?: number;
  /** More names that it is reached by: `name`, or `name:port` where that is another port. Default: none. */
  readonly allowHosts?: readonly string[];
  /** Default: HTTP without TLS. */
  readonly tls?: TlsOptions | undefined;
}

/** A broker that listens. */
export interface RunningServer {
  /** What it listens on, as it was asked for. */
  readonly host: string;
  /** The port, also when a free one was asked for. */
  readonly port: number;
  /** `http://host:port`, or `https://` */
  readonly url: string;
  /** Ends in order, within {@linkcode SHUTDOWN_MS}: takes no more events, tells every reader when to come back, lets go of the port. */
  close(): Promise<void>;
}

/** A server that has not ended in order after this ends at once, in milliseconds, so that the end takes no more than 5 s. */
export const SHUTDOWN_MS = 4_500;

/** How the server is reached. */
export function schemeOf({ tls }: ServeOptions): Scheme {
  return tls === undefined ? "http" : "https";
}

/** The address of a server. */
export function urlOf(options: ServeOptions, host: string, port: number): string {
  return `${schemeOf(options)}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The surface of a server that listens on `host` and `port`. */
export function surfaceOptionsOf(options: ServeOptions, host: string, port: number): SurfaceOptions {
  const { tls, allowHosts, limitRequests = false } = options;
  return {
    ...options,
    hosts: hostsFor(host, port, schemeOf(options), allowHosts),
    addressPort: isAnyAddress(host) ? port : undefined,
    // Without TLS of its own, something before the broker may add it.
    scheme: tls === undefined ? undefined : "https",
    limitRequests: limitRequests || !(host === "localhost" || isLoopback(host)),
  };
}
