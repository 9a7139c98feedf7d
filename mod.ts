/**
 * Perch: the one local broker for coding agents. Run this module to start it; import it to mount it in an app of your own.
 *
 * ```ts
 * import { Hono } from "hono";
 * import { createApp, createBroker } from "@perch/broker";
 *
 * const broker = createBroker();
 * const app = new Hono().route("/perch", createApp({ broker }));
 * ```
 *
 * @module
 */

export { type AppOptions, createApp, type Upgrade } from "./src/app.ts";
export {
  type Broker,
  type BrokerOptions,
  createBroker,
  type Health,
  type IngestOptions,
  type MessageListener,
  type StoreProblem,
} from "./src/broker.ts";
export type { BrokerCounts, BrokerGauges } from "./src/counts.ts";
export type { Buckets } from "./src/core/buckets.ts";
export type { Tally } from "./src/core/tally.ts";
export { dismissReaders } from "./src/dismiss.ts";
export {
  type AgentEvent,
  EVENT_KINDS,
  EVENT_SOURCES,
  type EventKind,
  type EventSource,
  type StampedEvent,
} from "./src/core/events.ts";
export type { RingLimits } from "./src/core/ring.ts";
export { type Because, type OpenTool, type Overlay, type Rule, RULES, type Session, type Wait } from "./src/core/session.ts";
export { DEFAULT_ORDER, DEFAULT_TIMINGS, type Pose, type State, type Timings } from "./src/core/states.ts";
export {
  ConflictError,
  InvalidInputError,
  PerchError,
  type PerchErrorOptions,
  StoreError,
  UnavailableError,
} from "./src/errors.ts";
export type { Dialect } from "./src/hub/dialect.ts";
export type { HubCounts, HubGauges, ReaderGauges } from "./src/hub/counts.ts";
export type { Channel, Hub, Subscription } from "./src/hub/hub.ts";
export type { LaneLimits } from "./src/hub/lane.ts";
export type { QueueLimits } from "./src/hub/lane-queue.ts";
export type { Cut, Ending, ReaderLimits } from "./src/hub/reader.ts";
export type { Framing, Sink } from "./src/hub/sink.ts";
export type { SseStream, SseTransport } from "./src/hub/sse-sink.ts";
export type { Socket, SocketReader, SocketSubscriber, SocketTransport } from "./src/hub/ws-sink.ts";
export { type Clock, systemClock } from "./src/ports/clock.ts";
export type { Commit, Kept, Receipt, Store, StoreCapabilities, StoreSize } from "./src/ports/store.ts";
export { CLOSE, type CloseCode } from "./src/protocol/codes.ts";
export type { LogBounds } from "./src/protocol/cursor.ts";
export type { Message, MessageBody, View } from "./src/protocol/message.ts";
export type {
  AcceptedData,
  BareSessionData,
  EventData,
  GoneReason,
  PetData,
  SessionData,
  SessionGoneData,
  StateBecause,
  StateData,
} from "./src/protocol/types.ts";
export { type Scope, SCOPES } from "./src/core/scopes.ts";
export type { Token, TokenCheck, Tokens, TokenState } from "./src/ports/tokens.ts";
export type { Rate } from "./src/core/rate-limiter.ts";
export type { Access } from "./src/http/access.ts";
export type { Grant } from "./src/http/grant.ts";
export type { RequestFacts } from "./src/http/facts.ts";
export type { GuardOptions, Refusal, Scheme } from "./src/http/guard.ts";
export type { Rates } from "./src/http/rates.ts";
export type { IngestLimits } from "./src/routes/events.ts";
export type { MetricsFor } from "./src/routes/metrics.ts";
export { memoryStore, type MemoryStoreOptions } from "./src/stores/memory.ts";
export type { SurfaceOptions } from "./src/surface.ts";

// Node tells only from 24.2 on which module was run; before, it is the one that was named on the command line.
if (import.meta.main ?? import.meta.filename === process.argv[1]) {
  const { main } = await import("./adapters/cli.ts");
  await main();
}
