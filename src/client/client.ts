/**
 * The client of Perch, for browsers, Node, Deno and anything else with `fetch`: the stream over SSE or WebSocket, with resume,
 * back-off and a watchdog.
 *
 * ```ts
 * import { connect } from "@perch/broker/client";
 *
 * const connection = connect({ url: "http://127.0.0.1:7857" });
 * connection.on("change", () => console.log(connection.state()?.state, connection.sessions().length));
 * connection.on("status", ({ phase, cause }) => console.log(phase, cause?.detail ?? ""));
 * ```
 *
 * @module
 */

import { addressesOf } from "./_addresses.ts";
import { credentialsOf } from "./_credentials.ts";
import type { Transport } from "./_link.ts";
import { openSseLink } from "./_sse-link.ts";
import { StreamReader } from "./_stream-reader.ts";
import { openWsLink } from "./_ws-link.ts";
import { SYSTEM_CLOCK } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { type ConnectOptions, limitsOf } from "./options.ts";

export type { BackoffOptions } from "./backoff.ts";
export type { ClientClock } from "./clock.ts";
export type { Connection, ConnectionEvents } from "./connection.ts";
export type { ConnectOptions, TokenSource } from "./options.ts";
export type { ClientSocket, SocketConstructor, SocketEvent } from "./socket.ts";
export { type Cause, ConnectionError, type Phase, type Status } from "./status.ts";
export type { Conflated } from "./view.ts";
export type { ResetReason } from "../protocol/codes.ts";
export {
  type BareSessionData,
  type ByeData,
  type EventData,
  type HelloData,
  type LiveData,
  type LoggedData,
  type MessageData,
  type MessageType,
  type PetData,
  type ResetData,
  type SessionData,
  type SessionGoneData,
  type SnapshotData,
  type StateData,
  type Topic,
  TOPICS,
  type WireMessage,
} from "../protocol/types.ts";

/**
 * Connects to a broker, and stays connected until `close()` is called or the broker says that there is no use: with a status
 * from 400 to 499 other than 408 and 429, with 204, or with one of the close codes 1008, 1009 and 4500 to 4599. In all other
 * cases it tries again: the waits are random up to a limit that doubles from 0.5 s to 30 s, and the first one is not shorter than
 * the broker asks for (`bye`, `retry:`, `Retry-After`).
 *
 * Nothing is sent before the present task has ended, so listeners that are added at once miss nothing.
 *
 * @throws {TypeError} If `url` is no address of a broker, or the runtime has no WebSocket.
 * @throws {RangeError} If a number among the options makes no sense.
 */
export function connect(options: ConnectOptions): Connection {
  const {
    since,
    clock = SYSTEM_CLOCK,
    onListenerError = (error) => console.error("A listener of a Perch connection failed:", error),
  } = options;
  return new StreamReader({ limits: limitsOf(options), since, clock, onListenerError, transport: transportFor(options) });
}

function transportFor(options: ConnectOptions): Transport {
  const { transport = "sse", WebSocket = globalThis.WebSocket } = options;
  const { fetch = (...request: Parameters<typeof globalThis.fetch>) => globalThis.fetch(...request) } = options;
  const addresses = addressesOf(options);
  const credentials = options.token === undefined ? undefined : credentialsOf(options.token);
  if (transport === "sse") {
    return { asksLate: false, open: (since, events) => openSseLink(addresses.sse, fetch, credentials, since(), events) };
  }
  if (WebSocket === undefined) {
    throw new TypeError("Cannot connect: this runtime has no WebSocket, so give one as an option");
  }
  const world = { WebSocket, fetch, credentials };
  return { asksLate: true, open: (since, events) => openWsLink(addresses, world, since, events) };
}
