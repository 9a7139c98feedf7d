/** Reads an event stream with the parser that most clients use. @module */

import { type IncomingMessage, request } from "node:http";
import { createParser } from "eventsource-parser";
import { Inbox, within } from "./inbox.ts";
import { type Heard, heardNow, type StreamEnd, type StreamReader } from "./stream-reader.ts";

/** A reader of an event stream. */
export interface SseReader extends StreamReader {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** All that the stream has sent, if that is kept. */
  readonly raw: string;
  /** The last `retry:`, in milliseconds. */
  readonly retry: number | undefined;
}

/** Opens an event stream, and resolves once its head is there. */
export async function openSse(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  isRawKept = true,
): Promise<SseReader> {
  const messages = new Inbox<Heard>(`SSE messages of ${url}`);
  let raw = "";
  let retry: number | undefined;
  const parser = createParser({
    onEvent: ({ event = "message", id, data }) => messages.push(heardNow(event, id, data)),
    onRetry: (ms) => retry = ms,
  });
  const sent = request(url, { agent: false, headers: { accept: "text/event-stream", ...headers } });
  const answered = new Promise<IncomingMessage>((resolve, reject) => sent.once("response", resolve).on("error", reject));
  sent.end();
  const response = await within(15_000, `answer of ${url}`, answered);
  const ended = new Promise<StreamEnd>((resolve) => {
    response.once("close", () => {
      // A body that ends with its connection is complete for Node even after a reset.
      const reason = response.complete && response.socket.errored === null ? "ended" : "broken off";
      messages.end(`the stream ${reason}`);
      resolve({ code: undefined, reason });
    });
  });
  response.setEncoding("utf8").on("error", () => {}).on("data", (text: string) => {
    if (isRawKept) raw += text;
    parser.feed(text);
  });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    messages,
    ended,
    get raw() {
      return raw;
    },
    get retry() {
      return retry;
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    close: () => void sent.destroy(),
  };
}
