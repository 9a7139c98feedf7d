/** Whether what a client was told as the reason of a reset is true. @module */

import { at, parseOrUndefined } from "../json.ts";
import { seqOf } from "../stream-reader.ts";
import { type ClientLog, greetingOf, type Interest, type Told } from "./client-log.ts";
import type { Truth } from "./truth.ts";

/** What frames a message on the wire beside its data takes at most, in characters: names, cursor, quotes. */
const FRAME_CHARS = 128;

/** The resets that need not have been. */
export function unjustReset(client: ClientLog, truth: Truth): string[] {
  return client.visits.flatMap(({ since, told }, visit) => {
    let cursor = since;
    return told.flatMap((message, index) => {
      const problem = message.type === "reset"
        ? whyUnjust(message, [told[index - 1], told[index + 1]], cursor, client, truth)
        : undefined;
      cursor = message.id ?? cursor;
      return problem === undefined ? [] : [`at visit ${visit} was reset for "${reasonOf(message)}", but ${problem}`];
    });
  });
}

const reasonOf = ({ json }: Told): string => String(at(parseOrUndefined(json), "reason"));

function whyUnjust(
  reset: Told,
  [before, after]: readonly [Told | undefined, Told | undefined],
  cursor: string | undefined,
  interest: Interest,
  truth: Truth,
): string | undefined {
  const reason = reasonOf(reset);
  if (reason === "none") return cursor === undefined ? undefined : `it came with ${cursor}`;
  if (cursor === undefined) return "it came with no cursor";
  if (reason === "epoch") return cursor.startsWith(`${truth.epoch}.`) ? `the epoch is ${truth.epoch}` : undefined;
  const head = before?.type === "hello" ? greetingOf(before).head : after === undefined ? truth.head : seqOf(after.id);
  const seq = cursor === "earliest" ? head - truth.kept.messages : seqOf(cursor);
  const missed = head - seq;
  if (reason === "future") return missed < 0 ? undefined : `${cursor} is not ahead of ${head}`;
  if (reason === "gap" && before?.type === "hello") {
    return missed > truth.kept.messages ? undefined : `${missed} messages after ${cursor} were kept`;
  }
  if (reason === "gap" || reason === "too_large") {
    return isTooMuch(seq, head, interest, truth) ? undefined : `${missed} is not too much`;
  }
  return "there is no such reason";
}

function isTooMuch(seq: number, head: number, interest: Interest, truth: Truth): boolean {
  const { messages, chars } = truth.kept.replay;
  if (head - seq > messages) return true;
  const missed = truth.selected(interest).filter((one) => one > seq && one <= head);
  const size = missed.reduce((sum, one) => sum + (truth.entry(one)?.json.length ?? 0) + FRAME_CHARS, 0);
  return size > chars;
}
