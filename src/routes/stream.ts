/** `GET /v1/stream`, which is `GET /events`: the stream over Server-Sent Events. @module */

import type { Broker } from "../broker.ts";
import type { Selection } from "../hub/dialect.ts";
import type { Channel } from "../hub/hub.ts";
import type { SseTransport } from "../hub/sse-sink.ts";
import { SSE_WORDING, sseOpening } from "../protocol/wording.ts";
import { corsHeaders } from "../http/cors.ts";
import type { Guard } from "../http/guard.ts";
import type { Door } from "../http/door.ts";
import type { RequestFacts } from "../http/facts.ts";
import type { Grant } from "../http/grant.ts";
import { byeData, dialectFor, randomMs, whyFull, whyTooOften } from "../http/readers.ts";
import { SAFE_HEADERS } from "../http/reply.ts";

/** Headers of every event stream: nobody on the way may keep it, change it or hold it back. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  ...SAFE_HEADERS,
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/** What the route needs. */
export interface StreamDeps {
  readonly broker: Broker;
  readonly events: Channel<Uint8Array>;
  readonly openEvents: SseTransport;
  readonly guard: Guard;
  readonly door: Door;
  /** Readers at most, over all transports. */
  readonly maxReaders: number;
}

/** What a reader asks for. */
export interface StreamRequest {
  readonly selection: Selection;
  /** It has seen everything up to here. */
  readonly cursor: string | undefined;
  readonly facts: RequestFacts;
  readonly grant: Grant;
  /** What the runtime hands to the app with each request. */
  readonly env: unknown;
}

/**
 * Opens a stream. It always answers 200, since a browser's EventSource gives up for good at anything else: what can't be
 * resumed starts over with a `reset`, and one reader too many, or one that comes too often, is told `bye`.
 */
export function openStream(deps: StreamDeps, { selection, cursor, facts, grant, env }: StreamRequest): Response {
  const { broker, guard, door, events, openEvents, maxReaders } = deps;
  const dialect = dialectFor(broker, selection, SSE_WORDING);
  const retry = sseOpening(randomMs(1_000, 3_000));
  // Complete here, since a runtime may send the head at once.
  const headers = { ...STREAM_HEADERS, ...corsHeaders(guard, facts.origin) };
  const full = whyFull(broker, maxReaders) ?? whyTooOften(broker, door.countStream(grant, facts) !== undefined);
  if (full !== undefined) return new Response(retry + dialect.bye(byeData(full)), { headers });
  const { response, sink } = openEvents(env, headers, () => subscription.end());
  const subscription = events.subscribe(dialect, sink, [retry, ...dialect.greet(cursor)], grant.ending);
  return response;
}
