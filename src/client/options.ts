/** What a connection is told when it is made. @module */

import type { Topic } from "../protocol/types.ts";
import { type BackoffOptions, DEFAULT_BACKOFF } from "./backoff.ts";
import type { ClientClock } from "./clock.ts";
import type { SocketConstructor } from "./socket.ts";

/** A token, or how to get it. */
export type TokenSource = string | (() => string | undefined | Promise<string | undefined>);

/** Options of `connect`; all but `url` have defaults. */
export interface ConnectOptions {
  /** Where the broker is, e.g. `http://127.0.0.1:7857`. Where it is mounted below a path, with that path. */
  readonly url: string;
  /**
   * `sse` or `ws`. Default `sse`: it goes through proxies, and tells a dead connection from a quiet one by itself. Browsers
   * open only six SSE streams to one origin over HTTP/1.1, so a page that people open in many tabs is better off with `ws`.
   */
  readonly transport?: "sse" | "ws" | undefined;
  /** What to be told of. Default: `state`, `pet` and `sessions`. */
  readonly topics?: readonly Topic[] | undefined;
  /** Only this session; the aggregate and the pet are told all the same. Default: all sessions. */
  readonly session?: string | undefined;
  /**
   * The cursor after which to start, from `Connection.cursor()` of an earlier connection, or `earliest` or `now`. What the broker
   * can go on from it starts without a snapshot, so the view stays empty. Default: start with a snapshot.
   */
  readonly since?: string | undefined;
  /**
   * The token to show, or a function that gives it, or a promise of it, before each try; undefined for none. It is sent in the
   * header `authorization`, to `url` only and never in an address: a WebSocket is opened with a ticket that is good for one use.
   * A broker that refuses it (401 or 403) ends the connection for good. Default: none.
   */
  readonly token?: TokenSource | undefined;
  /** How long to wait between tries. */
  readonly backoff?: BackoffOptions;
  /**
   * A connection over which nothing came for so long counts as dead and is replaced, in milliseconds. Default 45,000 (45 s). Over
   * SSE every byte counts; the broker sends some every 15 s, and one that says that it sends them less often is given time. Over
   * WebSocket every message counts, and after two thirds of this the client asks for one, since programs don't see pings.
   */
  readonly watchdogMs?: number;
  /** Messages that may wait for one `for await`; one more ends that loop with `buffer_overflow`. Default 8,192. */
  readonly bufferLimit?: number;
  /** Default: the runtime's own. */
  readonly fetch?: typeof globalThis.fetch;
  /** Default: the runtime's own. Node before 22 has none: give it that of the package `ws`. */
  readonly WebSocket?: SocketConstructor;
  /** Default: the runtime's own timers and chance. */
  readonly clock?: ClientClock;
  /** Told what a listener throws, or rejects with. Default: `console.error`. */
  readonly onListenerError?: (error: unknown) => void;
}

/** What is counted, with its defaults. */
export interface Limits extends Required<BackoffOptions> {
  readonly watchdogMs: number;
  readonly bufferLimit: number;
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} If a number makes no sense.
 */
export function limitsOf({ backoff, watchdogMs = 45_000, bufferLimit = 8_192 }: ConnectOptions): Limits {
  const limits = { ...DEFAULT_BACKOFF, ...backoff, watchdogMs, bufferLimit };
  for (const [name, value] of Object.entries(limits)) {
    if (!(value > 0 && value < Infinity)) throw new RangeError(`Cannot use ${name} ${value}: it must be more than 0`);
  }
  return limits;
}
