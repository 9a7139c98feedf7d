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

/** An event stream: `body` is what the runtime sends, `sink` is where to write. */
export interface SseStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly sink: Sink<Uint8Array>;
}

/**
 * Opens an event stream.
 *
 * @param onGone Called once when the reader is gone before the stream was closed.
 */
export function openSseStream(onGone: () => void): SseStream {
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
    body,
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
}
