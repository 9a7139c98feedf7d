/** An event stream as a body that any runtime can send, and the sink that feeds it. @module */

import { concatBytes } from "../core/bytes.ts";
import { UnavailableError } from "../errors.ts";
import type { Framing, Sink } from "./sink.ts";

const encoder = new TextEncoder();

/** Bytes; readers at one place in the log share them. */
export const BYTES: Framing<Uint8Array> = {
  name: "bytes",
  frame: (text) => encoder.encode(text),
  join: concatBytes,
};

/** An event stream: `response` is what the app returns, `sink` is where to write. */
export interface SseStream {
  /** For the runtime to send. */
  readonly response: Response;
  /** Takes UTF-8. */
  readonly sink: Sink<Uint8Array>;
}

/**
 * Opens an event stream on one runtime.
 *
 * @param env What the runtime hands to the app with each request.
 * @param onGone Called once when the reader is gone before the stream was closed.
 */
export type SseTransport = (env: unknown, headers: Readonly<Record<string, string>>, onGone: () => void) => SseStream;

/** Sends the stream as the body of a Response, which works anywhere. */
export const bodyTransport: SseTransport = (_env, headers, onGone) => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let isOpen = true;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel() {
      controller = undefined;
      if (isOpen) onGone();
      isOpen = false;
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: 0 }));
  return {
    response: new Response(body, { headers }),
    sink: {
      framing: BYTES,
      get backlog() {
        return -(controller?.desiredSize ?? 0);
      },
      write(chunk) {
        if (isOpen) controller?.enqueue(chunk);
      },
      close() {
        if (isOpen) controller?.close();
        isOpen = false;
      },
      destroy() {
        controller?.error(new UnavailableError("stream_ended", "The stream was ended, since its reader took nothing", 1));
        controller = undefined;
        isOpen = false;
      },
    },
  };
};
