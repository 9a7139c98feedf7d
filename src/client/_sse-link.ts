/** The stream over Server-Sent Events, read with `fetch`: an EventSource shows neither status codes nor heartbeats. @module */

import { createParser } from "eventsource-parser";
import type { Credentials } from "./_credentials.ts";
import { type Link, type LinkEvents, type Loss, reasonOf } from "./_link.ts";
import { parseJson } from "./_parse.ts";
import { refusalOf } from "./_refusal.ts";

/** A message of more characters than this breaks the stream. A snapshot of 10,000 sessions has a few million. */
const MOST_CHARS = 64 * 1024 * 1024;

/** Opens a link to the event stream at `url`, to go on after the cursor `since`. */
export function openSseLink(
  url: string,
  fetch: typeof globalThis.fetch,
  credentials: Credentials | undefined,
  since: string | undefined,
  events: LinkEvents,
): Link {
  const abort = new AbortController();
  const wish = { accept: "text/event-stream", ...(since === undefined ? {} : { "last-event-id": since }) };
  let isOpen = false;

  const follow = async (): Promise<Loss> => {
    const headers = credentials === undefined ? wish : { ...wish, ...await credentials() };
    const response = await fetch(url, { headers, cache: "no-store", signal: abort.signal });
    events.sign();
    const { status, body } = response;
    const type = response.headers.get("content-type") ?? "";
    if (status !== 200 || !type.startsWith("text/event-stream") || body === null) {
      return await refusalOf(response, url) ?? endOf(status, `${url} answered ${status} ${type}: is this a Perch broker?`);
    }
    isOpen = true;
    return read(body, events);
  };
  const lost = (error: unknown): Loss =>
    isOpen
      ? { code: "lost", detail: `The stream broke: ${reasonOf(error)}` }
      : { code: "unreachable", detail: `Cannot reach ${url}: ${reasonOf(error)}. Is the broker running?` };
  void follow().catch(lost).then(events.end);
  return { close: () => abort.abort() };
}

/** What a status below 400 without a stream means. */
const endOf = (status: number, detail: string): Loss =>
  status === 204
    ? { code: "ended", detail: "The broker wants this reader to stay away", isFinal: true }
    : { code: "not_a_stream", detail, isFinal: true };

/** Reads to the end of the stream. */
async function read(body: ReadableStream<Uint8Array>, events: LinkEvents): Promise<Loss> {
  let lastId: string | undefined;
  const parser = createParser({
    maxBufferSize: MOST_CHARS,
    onId: (id) => void (lastId = id),
    onEvent({ event, id, data }) {
      events.message({ type: event, id, data: parseJson(data) });
    },
    onRetry: events.retry,
    onError(error) {
      if (error.type === "max-buffer-size-exceeded") throw error;
    },
  });
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { code: "lost", detail: "The broker ended the stream" };
    events.sign();
    parser.feed(decoder.decode(value, { stream: true }));
    // The parser tells of ids with a message and without one, the heartbeats, alike. To hear of a message's id again is harmless.
    if (lastId !== undefined) events.heartbeat(lastId);
    lastId = undefined;
  }
}
