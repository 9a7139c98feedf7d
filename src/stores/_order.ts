/** The one order of a log. @module */

import type { Message } from "../protocol/message.ts";

/**
 * The place of the newest message once `messages` follow `head`.
 *
 * @throws {RangeError} If they do not follow it, or each other.
 */
export function checkOrder(messages: readonly Message[], head: number): number {
  let next = head;
  for (const { seq } of messages) {
    if (seq !== next + 1) {
      throw new RangeError(`Cannot append message ${seq} after ${next}: numbers must follow each other`);
    }
    next = seq;
  }
  return next;
}
