/** In which words a group of readers is told. @module */

import type { Message, View } from "../protocol/message.ts";
import { TOPIC_OF } from "../protocol/message.ts";
import type { Topic } from "../protocol/types.ts";

/** What a reader wants to know, and may. */
export interface Selection {
  readonly topics: readonly Topic[];
  readonly view: View;
  /** Only this session; the aggregate and the pet are told all the same. */
  readonly sessionId?: string | undefined;
}

/** True when a reader of `selection` is told `message`. */
export function selects(selection: Selection, message: Message): boolean {
  if (!selection.topics.includes(TOPIC_OF[message.body.type])) return false;
  if (message.detailsOnly && selection.view === "bare") return false;
  return selection.sessionId === undefined || message.sessionId === undefined || message.sessionId === selection.sessionId;
}

/** The words of one group of readers: they are told the same texts in the same order. */
export interface Dialect {
  /** Readers whose dialects have one name share one lane. */
  readonly name: string;
  /** Under which transport its readers are counted: `sse`, `ws` or `v0`. */
  readonly transport: string;
  /** The only session that the dialect tells of, when there is but one. */
  readonly sessionId?: string | undefined;
  /** How to tell `message`, leaving out `conflated` older ones of its key; undefined when these readers are not told. */
  text(message: Message, conflated: number): string | undefined;
  /** False when each message counts, so that nothing can make up for one that a reader has missed. */
  readonly canRestart: boolean;
  /** What to tell a reader that has missed too much, so that it is right again; undefined when it must come back instead. */
  restart(): readonly string[] | undefined;
  /** What to send on a quiet stream, where the transport has no ping. */
  heartbeat?(): string;
}
