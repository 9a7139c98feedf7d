/** Takes what was posted, and what was posted before under the same key not once more. @module */

import type { Batch } from "./batch.ts";
import type { AgentEvent } from "./core/events.ts";
import { fingerprint } from "./core/fingerprint.ts";
import { ConflictError } from "./errors.ts";
import { formatCursor, type LogBounds } from "./protocol/cursor.ts";
import type { AcceptedData } from "./protocol/types.ts";

/** How events are posted. */
export interface IngestOptions {
  /** True for events of the v0 surface. Default false. */
  readonly plain?: boolean;
  /** Names the post as a whole: 1 to 128 characters of `\x21-\x7E`. Posted again with it, nothing is taken. Default: none. */
  readonly key?: string | undefined;
  /** Whose keys and event ids these are: those of one never meet those of another. No spaces. Default: nobody's in particular. */
  readonly who?: string | undefined;
}

/** What became of a post. */
export interface Taken {
  /** How many events were new. */
  readonly accepted: number;
  /** The place of each event: of one that was taken before, its place then. */
  readonly seqs: readonly number[];
}

/** What the one who posted is answered, once it is kept. */
export function acceptedData({ accepted, seqs }: Taken, { epoch, head }: LogBounds): AcceptedData {
  const data = { accepted, seqs, cursor: formatCursor(epoch, head) };
  return accepted === 0 && seqs.length > 0 ? { ...data, duplicate: true } : data;
}

/**
 * Takes all events that were not taken before, under the key of the post or their own ids.
 *
 * @throws {ConflictError} 422 `key_reused` if one of the keys came with another body before.
 */
export function takeOnce(batch: Batch, events: readonly AgentEvent[], options: IngestOptions): Taken {
  const { key } = options;
  if (key === undefined) return takeEach(batch, events, options);
  const name = postName(key, options);
  const body = fingerprint(JSON.stringify(events));
  const receipt = batch.receipt(name);
  if (receipt !== undefined) {
    checkBody(receipt.fingerprint, body, `Idempotency-Key "${key}"`);
    return { accepted: 0, seqs: receipt.seqs };
  }
  const taken = takeEach(batch, events, options);
  batch.note({ key: name, fingerprint: body, seqs: taken.seqs });
  return taken;
}

/** The names under which a post and its events are kept. */
export function namesOf(events: readonly AgentEvent[], options: IngestOptions): string[] {
  const names = events.flatMap(({ id }) => id === undefined ? [] : [eventName(id, options)]);
  return options.key === undefined ? names : [...names, postName(options.key, options)];
}

function takeEach(batch: Batch, events: readonly AgentEvent[], options: IngestOptions): Taken {
  let accepted = 0;
  const seqs = events.map((event) => {
    const seq = event.id === undefined ? undefined : seenAt(batch, event, event.id, options);
    if (seq !== undefined) return seq;
    accepted += 1;
    return takeOne(batch, event, options);
  });
  return { accepted, seqs };
}

function takeOne(batch: Batch, event: AgentEvent, options: IngestOptions): number {
  const seq = batch.take(event, options.plain === true);
  if (event.id !== undefined) {
    batch.note({ key: eventName(event.id, options), fingerprint: fingerprint(JSON.stringify(event)), seqs: [seq] });
  }
  return seq;
}

/** The place at which an event was taken before. */
function seenAt(batch: Batch, event: AgentEvent, id: string, options: IngestOptions): number | undefined {
  const receipt = batch.receipt(eventName(id, options));
  if (receipt === undefined) return undefined;
  checkBody(receipt.fingerprint, fingerprint(JSON.stringify(event)), `id "${id}"`);
  return receipt.seqs[0];
}

const eventName = (id: string, { who = "" }: IngestOptions): string => `${who} event ${id}`;
const postName = (key: string, { who = "" }: IngestOptions): string => `${who} post ${key}`;

function checkBody(before: string, now: string, what: string): void {
  if (before === now) return;
  throw new ConflictError(422, "key_reused", `The ${what} came with another body before: use a new one for each event`);
}
