/** What both kinds of stream readers give to a test. @module */

import type { Inbox } from "./inbox.ts";
import { parseOrUndefined } from "./json.ts";

/** A message as a stream brought it. */
export interface Heard {
  readonly type: string;
  /** The cursor that came with it. */
  readonly id: string | undefined;
  /** Its data, byte for byte. */
  readonly text: string;
  /** Its data, parsed. */
  readonly data: unknown;
  /** When it came, on the clock of `performance.now()`. */
  readonly at: number;
}

/** How a stream ended; an event stream has no code. */
export interface StreamEnd {
  readonly code: number | undefined;
  readonly reason: string;
}

/** A reader of the v1 stream, whatever the transport. */
export interface StreamReader {
  readonly messages: Inbox<Heard>;
  /** Resolves once the stream has ended. */
  readonly ended: Promise<StreamEnd>;
  /** Takes nothing more from the connection until `resume`. */
  pause(): void;
  resume(): void;
  /** Breaks the connection off. */
  close(): void;
}

/** A message that has come just now. Its data is parsed when it is asked for: most of it never is. */
export function heardNow(type: string, id: string | undefined, text: string): Heard {
  let parsed: { readonly data: unknown } | undefined;
  return {
    type,
    id,
    text,
    get data() {
      return (parsed ??= { data: parseOrUndefined(text) }).data;
    },
    at: performance.now(),
  };
}

/** The place in the log that a cursor names. */
export function seqOf(cursor: string | undefined): number {
  const seq = Number(cursor?.split(".")[1]);
  if (!Number.isSafeInteger(seq)) throw new Error(`${cursor} is no cursor`);
  return seq;
}

/** Reads on up to and with `live`, and returns all that the stream has said until then. */
export async function greeting({ messages }: StreamReader): Promise<Heard[]> {
  const live = await messages.next("live", ({ type }) => type === "live");
  return messages.items.slice(0, messages.items.indexOf(live) + 1);
}

/** Waits until a reader that knows the whole log has been told what is at `cursor` or later. */
export async function readUpTo({ messages }: StreamReader, cursor: string | undefined): Promise<void> {
  const seq = seqOf(cursor);
  const isThere = ({ id }: Heard) => id !== undefined && seqOf(id) >= seq;
  if (!messages.items.some(isThere)) await messages.next(`message ${cursor}`, isThere);
}
