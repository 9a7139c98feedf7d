/** `POST /v1/events`: canonical events in. `GET /v1/events`: what a stream would have told, for clients that poll. @module */

import type { Broker } from "../broker.ts";
import type { AgentEvent } from "../core/events.ts";
import { InvalidInputError } from "../errors.ts";
import { type Selection, selects } from "../hub/dialect.ts";
import type { ResetReason } from "../protocol/codes.ts";
import { formatCursor, planResume } from "../protocol/cursor.ts";
import type { Message } from "../protocol/message.ts";
import { parseEvent, parseKey } from "../protocol/schema.ts";
import { JSON_WORDING } from "../protocol/wording.ts";
import { decodeUtf8, parseJson } from "../http/body.ts";
import type { PostHead } from "../http/facts.ts";
import type { Grant } from "../http/grant.ts";
import { errorReply, JSON_TYPE, jsonReply, NO_CONTENT, problemReply, type Reply, withHeaders } from "../http/reply.ts";

/** Limits of `POST /v1/events`. */
export interface IngestLimits {
  /** Bytes of a body. Default 262,144 (256 KiB). */
  readonly bodyBytes: number;
  /** Bytes of one event. Default 65,536 (64 KiB). */
  readonly eventBytes: number;
  /** Events of one request. Default 100. */
  readonly batch: number;
}

/** The documented defaults of {@linkcode IngestLimits}. */
export const DEFAULT_INGEST_LIMITS: IngestLimits = { bodyBytes: 256 * 1024, eventBytes: 64 * 1024, batch: 100 };

/** A page of history ends after this many messages of the log, or before its messages have more characters than this. */
export const PAGE_LIMITS: { readonly messages: number; readonly chars: number } = { messages: 1000, chars: 256 * 1024 };

/** What is posted, and by whom. */
export interface Post {
  readonly head: PostHead;
  readonly grant: Grant;
  readonly body: Uint8Array;
}

/** Takes one event, an array, or lines of NDJSON: all or none, and under one key once. Never throws. */
export function postEvents(broker: Broker, { head, grant, body }: Post, limits: IngestLimits): Reply | Promise<Reply> {
  try {
    const events = parseBody(head.contentType, body, limits);
    const accepted = broker.ingest(events, { key: parseKey(head.idempotencyKey), who: grant.who });
    return accepted instanceof Promise ? accepted.then((data) => jsonReply(200, data), errorReply) : jsonReply(200, accepted);
  } catch (error) {
    return errorReply(error);
  }
}

function parseBody(contentType: string | undefined, body: Uint8Array, limits: IngestLimits): AgentEvent[] {
  switch (mediaType(contentType)) {
    case "application/json":
      return parseJsonBody(decodeUtf8(body), body.byteLength, limits);
    case "application/x-ndjson":
      return parseLines(decodeUtf8(body), limits);
    default: {
      const sent = contentType === undefined ? "missing" : JSON.stringify(contentType.slice(0, 60));
      const detail = `The content type is ${sent}: send application/json or application/x-ndjson`;
      throw new InvalidInputError(415, "unsupported_media_type", detail);
    }
  }
}

const mediaType = (contentType: string | undefined): string | undefined => contentType?.split(";", 1)[0]?.trim().toLowerCase();

function parseJsonBody(text: string, bytes: number, limits: IngestLimits): AgentEvent[] {
  const input = parseJson(text, "body");
  if (!Array.isArray(input)) {
    if (bytes > limits.eventBytes) throw eventTooLarge("event", limits);
    return [parseEvent(input)];
  }
  checkBatch(input.length, limits);
  return input.map((item, index) => {
    const where = `event ${index}`;
    const event = parseEvent(item, where);
    if (bytes > limits.eventBytes && byteLength(JSON.stringify(item)) > limits.eventBytes) throw eventTooLarge(where, limits);
    return event;
  });
}

/** Errors count lines from 1, as an editor does, and empty ones with them. */
function parseLines(text: string, limits: IngestLimits): AgentEvent[] {
  const lines = text.split("\n").map((line) => line.trim());
  checkBatch(lines.filter((line) => line !== "").length, limits);
  return lines.flatMap((line, index) => {
    if (line === "") return [];
    const where = `line ${index + 1}`;
    if (line.length * 3 > limits.eventBytes && byteLength(line) > limits.eventBytes) throw eventTooLarge(where, limits);
    return [parseEvent(parseJson(line, where), where)];
  });
}

const byteLength = (text: string): number => new TextEncoder().encode(text).byteLength;

function checkBatch(count: number, { batch }: IngestLimits): void {
  if (count === 0) throw new InvalidInputError(400, "empty_batch", "The body holds no event: send at least one");
  if (count <= batch) return;
  throw new InvalidInputError(
    400,
    "batch_too_large",
    `The body holds ${count} events: send at most ${batch} at once; none was taken`,
  );
}

const eventTooLarge = (where: string, { eventBytes }: IngestLimits): InvalidInputError =>
  new InvalidInputError(413, "event_too_large", `The ${where} is larger than ${eventBytes} bytes; nothing was taken`);

/** Pulls history: 200 with a page, 204 when there is nothing new, 410 when the cursor can't be served. */
export function getEvents(broker: Broker, since: string | undefined, selection: Selection, statePath: string): Reply {
  const { epoch, head } = broker.bounds();
  const plan = planResume(since ?? "earliest", broker.bounds());
  if (plan.mode === "snapshot") return goneReply(since, plan.reason, statePath);
  const page = broker.read(plan.since, PAGE_LIMITS.messages);
  if (plan.since < head && page[0]?.seq !== plan.since + 1) return goneReply(since, "gap", statePath);
  const { messages, last } = tellPage(page, epoch, head, selection);
  if (messages.length === 0 && last === head) return withHeaders(NO_CONTENT, { "perch-cursor": formatCursor(epoch, head) });
  const body = `{"messages":[${messages.join()}],"next":"${formatCursor(epoch, last)}","more":${last < head}}`;
  return { status: 200, headers: JSON_TYPE, body };
}

/** The messages of a page that were asked for, one at least if there is one, and the place that it ends at. */
function tellPage(page: readonly Message[], epoch: string, head: number, selection: Selection) {
  const messages: string[] = [];
  let last = head;
  let chars = 0;
  for (const message of page) {
    if (selects(selection, message)) {
      const text = JSON_WORDING.tell(message.body.type, formatCursor(epoch, message.seq), message.json(selection.view));
      chars += text.length;
      if (chars > PAGE_LIMITS.chars && messages.length > 0) break;
      messages.push(text);
    }
    last = message.seq;
  }
  return { messages, last };
}

function goneReply(since: string | undefined, reason: ResetReason, statePath: string): Reply {
  const cursor = JSON.stringify(since?.slice(0, 60) ?? "earliest");
  const detail = `What follows the cursor ${cursor} can't be told (${reason}): start over from ${statePath}`;
  return problemReply({ status: 410, code: `cursor_${reason}`, detail, snapshot: statePath });
}
