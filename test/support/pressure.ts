/** Much to tell: changes of state with long texts. @module */

import type { ServerProcess } from "./broker-process.ts";
import { publish } from "./log.ts";
import { readUpTo, type StreamReader } from "./stream-reader.ts";

const EVENTS_AT_ONCE = 40;
const SESSIONS = 20;

let published = 0;

/** Publishes one batch of changes of state, each about 6 KB for a reader, and returns the cursor after it. */
export function publishChanges(perch: ServerProcess): Promise<string> {
  return publish(
    perch,
    Array.from({ length: EVENTS_AT_ONCE }, () => {
      published += 1;
      const kind = published % 2 === 0 ? "permission.request" : "permission.resolve";
      const title = `${published} `.padEnd(512, "t");
      return { kind, sessionId: `s${published % SESSIONS}`, title, cwd: "/c".repeat(2_000), activity: "a".repeat(1_000) };
    }),
  );
}

/**
 * Publishes until a reader of state and sessions must have been sent so many bytes, at the pace of `witness`.
 *
 * @param step Called after each batch.
 */
export async function publishBytes(
  perch: ServerProcess,
  bytes: number,
  witness: StreamReader,
  step: () => unknown = () => {},
): Promise<string> {
  const start = witness.messages.items.length;
  let cursor = "";
  for (let sent = 0, seen = start; sent < bytes;) {
    cursor = await publishChanges(perch);
    await readUpTo(witness, cursor);
    for (; seen < witness.messages.items.length; seen += 1) {
      const message = witness.messages.items[seen];
      if (message?.type !== "event") sent += message?.text.length ?? 0;
    }
    await step();
  }
  return cursor;
}
