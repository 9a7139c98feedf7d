/** The v1 stream over both of its transports, for tests that hold for each. @module */

import * as assert from "uvu/assert";
import type { ServerProcess } from "../support/broker-process.ts";
import { bearerOf } from "../support/http.ts";
import { at } from "../support/json.ts";
import { openSse } from "../support/sse-reader.ts";
import { greeting, type Heard, seqOf, type StreamReader } from "../support/stream-reader.ts";
import { openWs } from "../support/ws-reader.ts";

/** The transports of the stream. */
export const TRANSPORTS = ["sse", "ws"] as const;

/** A transport of the stream. */
export type Transport = typeof TRANSPORTS[number];

/** What a reader asks for. */
export interface StreamQuery {
  readonly topics?: string;
  readonly session?: string;
  /** `?since=` */
  readonly since?: string | undefined;
  /** What beats `?since=`: `Last-Event-ID`, or the resume frame. */
  readonly resume?: string | undefined;
  /** Default: the root token. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens the stream over one transport. */
export function openStream(
  server: ServerProcess,
  transport: Transport,
  { topics, session, since, resume, headers = bearerOf(server) }: StreamQuery = {},
): Promise<StreamReader> {
  const { url } = server;
  const query = new URLSearchParams();
  if (topics !== undefined) query.set("topics", topics);
  if (session !== undefined) query.set("session", session);
  if (since !== undefined) query.set("since", since);
  if (transport === "sse") {
    const all = resume === undefined ? headers : { ...headers, "last-event-id": resume };
    return openSse(`${url}/v1/stream?${query}`, all, false);
  }
  return openWs(`${url}/v1/ws?${query}`, { headers, resume });
}

/** How a stream has started. */
export interface Start {
  readonly mode: unknown;
  /** Why it starts with a snapshot; undefined when it goes on. */
  readonly reason: unknown;
  readonly epoch: string;
  readonly head: number;
  /** What it tells of the log before `live`. */
  readonly missed: readonly Heard[];
  readonly snapshot: unknown;
}

/** Reads the start of a stream, and checks that it follows the contract whatever its mode. */
export async function readStart(reader: StreamReader): Promise<Start> {
  const told = await greeting(reader);
  const [hello, ...others] = told.slice(0, -1);
  const live = told.at(-1);
  const { epoch, head } = { epoch: String(at(hello?.data, "epoch")), head: Number(at(hello?.data, "head")) };
  const mode = at(hello?.data, "mode");
  assert.is(hello?.type, "hello");
  assert.is(hello?.id, undefined);
  assert.match(epoch, /^[A-Za-z0-9]{8,10}$/);
  assert.is(at(hello?.data, "recovered"), mode === "delta");
  assert.is(live?.id, `${epoch}.${head}`);
  assert.is(at(live?.data, "head"), head);
  if (mode === "delta") {
    const seqs = others.map(({ id }) => seqOf(id));
    assert.ok(seqs.every((seq, index) => seq > (seqs[index - 1] ?? 0) && seq <= head), `out of order: ${seqs}`);
    assert.ok(others.every(({ id }) => id?.startsWith(`${epoch}.`)));
    return { mode, reason: undefined, epoch, head, missed: others, snapshot: undefined };
  }
  const [reset, snapshot, ...more] = others;
  assert.is(mode, "snapshot");
  assert.equal([reset?.type, reset?.id, snapshot?.type, snapshot?.id], ["reset", undefined, "snapshot", `${epoch}.${head}`]);
  assert.equal([at(snapshot?.data, "epoch"), at(snapshot?.data, "seq"), more], [epoch, head, []]);
  return { mode, reason: at(reset?.data, "reason"), epoch, head, missed: [], snapshot: snapshot?.data };
}
