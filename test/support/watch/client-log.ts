/** What a client of the stream was told, visit by visit, as it wrote it down. @module */

import { at, parseOrUndefined } from "../json.ts";
import { seqOf } from "../stream-reader.ts";

/** One message, or `heartbeat` for an id that came without one. */
export interface Told {
  readonly type: string;
  readonly id: string | undefined;
  /** Its data; empty for a heartbeat. */
  readonly json: string;
}

/** One connection, from its opening to its end. */
export interface Visit {
  /** The cursor that the client came with. */
  readonly since: string | undefined;
  readonly told: readonly Told[];
}

/** What a client asks for. */
export interface Interest {
  readonly topics: readonly string[];
  readonly session: string | undefined;
}

/** A client and all that it was told. */
export interface ClientLog extends Interest {
  readonly name: string;
  readonly visits: readonly Visit[];
  /** A place that it stayed for: it must know everything up to there. */
  readonly upTo?: number;
}

/** A message of the log, or a bookmark: a cursor up to which, so it says, everything was told. */
export interface Item {
  readonly told: Told;
  readonly seq: number;
  readonly isBookmark: boolean;
  /** How many older messages it stands for. */
  readonly conflated: number;
  readonly visit: number;
}

/** What was told between two resets: each message of it once, over any number of visits. */
export interface Span {
  /** The place up to which all was known before; undefined for the oldest that was kept then. */
  readonly start: number | undefined;
  /** The snapshot that it begins with, if one. */
  readonly snapshot: Told | undefined;
  readonly items: Item[];
}

const NOT_LOGGED: readonly string[] = ["hello", "reset", "bye"];

/** How a visit began: all of it that is no message of the log. */
export interface Greeting {
  readonly mode: unknown;
  readonly since: unknown;
  readonly epoch: unknown;
  readonly head: number;
}

/** Reads a `hello`. */
export function greetingOf({ json }: Told): Greeting {
  const data = parseOrUndefined(json);
  return { mode: at(data, "mode"), since: at(data, "since"), epoch: at(data, "epoch"), head: Number(at(data, "head")) };
}

const memo = new WeakMap<ClientLog, readonly Span[]>();

/** Cuts the log of a client into its spans; what it returns is made once. */
export function spansOf(client: ClientLog): readonly Span[] {
  let spans = memo.get(client);
  if (spans === undefined) memo.set(client, spans = cut(client));
  return spans;
}

function cut({ visits }: ClientLog): Span[] {
  const spans: Span[] = [];
  let span: Span | undefined;
  let cursor: string | undefined;
  const begin = (start: number | undefined, snapshot?: Told): void => void spans.push(span = { start, snapshot, items: [] });
  for (const [visit, { since, told }] of visits.entries()) {
    for (const message of told) {
      if (message.type === "hello") {
        const { mode, head } = greetingOf(message);
        if (mode !== "delta") span = undefined;
        else if (span === undefined || since !== cursor) begin(placeOf(since, head));
      } else if (message.type === "reset") {
        span = undefined;
      } else if (message.type === "snapshot") {
        begin(seqOf(message.id), message);
      } else if (!NOT_LOGGED.includes(message.type)) {
        if (span === undefined) begin(undefined);
        span?.items.push(itemOf(message, visit));
      }
      cursor = message.id ?? cursor;
    }
  }
  return spans;
}

const placeOf = (since: string | undefined, head: number): number | undefined =>
  since === "earliest" ? undefined : since === "now" ? head : seqOf(since);

const CONFLATED = /^\{"conflated":([0-9]+),/;

function itemOf(told: Told, visit: number): Item {
  const conflated = Number(CONFLATED.exec(told.json)?.[1] ?? 0);
  return { told, seq: seqOf(told.id), isBookmark: told.type === "live" || told.type === "heartbeat", conflated, visit };
}

/** The data of a message as the log has it, without the word of those that it stands for. */
export function plainJson({ json }: Told): string {
  return json.replace(CONFLATED, "{");
}
