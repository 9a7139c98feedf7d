/** What both runtimes offer to whoever starts a broker. @module */

import type { SurfaceOptions } from "../src/surface.ts";

/** Options of a server. */
export interface ServeOptions
  extends Omit<SurfaceOptions, "sockets" | "eventStreams" | "hosts" | "addressPort" | "residentBytes"> {
  /** Name or address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Port to listen on; 0 for a free one. Default 7857. */
  readonly port?: number;
}

/** A broker that listens. */
export interface RunningServer {
  /** What it listens on, as it was asked for. */
  readonly host: string;
  /** The port, also when a free one was asked for. */
  readonly port: number;
  /** `http://host:port` */
  readonly url: string;
  /** Ends in order, within {@linkcode SHUTDOWN_MS}: takes no more events, tells every reader when to come back, lets go of the port. */
  close(): Promise<void>;
}

/** A server that has not ended in order after this ends at once, in milliseconds, so that the end takes no more than 5 s. */
export const SHUTDOWN_MS = 4_500;

/** The address of a server. */
export function urlOf(host: string, port: number): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
