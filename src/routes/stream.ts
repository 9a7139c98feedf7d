/** `GET /v1/stream`, which is `GET /events`: the stream over Server-Sent Events. @module */

import type { Broker } from "../broker.ts";
import type { Selection } from "../hub/dialect.ts";
import type { Channel } from "../hub/hub.ts";
import { openSseStream } from "../hub/sse-sink.ts";
import { SSE_WORDING, sseOpening } from "../protocol/wording.ts";
import { byeData, dialectFor, randomMs, whyFull } from "../http/readers.ts";

/** Headers of every event stream: nobody on the way may keep it, change it or hold it back. */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store, no-transform",
  "x-accel-buffering": "no",
};

/** What the route needs. */
export interface StreamDeps {
  readonly broker: Broker;
  readonly events: Channel<Uint8Array>;
  /** Readers at most, over all transports. */
  readonly maxReaders: number;
}

/**
 * Opens a stream for a reader that has seen everything up to `cursor`. It always answers 200, since a browser's EventSource
 * gives up for good at anything else: what can't be resumed starts over with a `reset`, and one reader too many is told `bye`.
 */
export function openStream(
  { broker, events, maxReaders }: StreamDeps,
  selection: Selection,
  cursor: string | undefined,
): Response {
  const dialect = dialectFor(broker, selection, SSE_WORDING);
  const retry = sseOpening(randomMs(1_000, 3_000));
  const full = whyFull(broker, maxReaders);
  if (full !== undefined) return new Response(retry + dialect.bye(byeData(full)), { headers: STREAM_HEADERS });
  const { body, sink } = openSseStream(() => subscription.end());
  const subscription = events.subscribe(dialect, sink, [retry, ...dialect.greet(cursor)]);
  return new Response(body, { headers: STREAM_HEADERS });
}
