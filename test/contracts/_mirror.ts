/** What a reader believes to be true after all that it was told. @module */

import type { ServerProcess } from "../support/broker-process.ts";
import { at, listAt } from "../support/json.ts";
import type { Heard } from "../support/stream-reader.ts";
import { stateOf } from "../support/log.ts";

/** State, pet and sessions, as one value to compare. */
export interface Mirror {
  readonly state: unknown;
  readonly pet: unknown;
  readonly sessions: Readonly<Record<string, unknown>>;
}

/** The truth, from `GET /v1/state`. */
export async function truthOf(server: ServerProcess): Promise<Mirror> {
  return mirrorOfSnapshot(await stateOf(server));
}

/** What `messages` have told, in their order. */
export function mirrorOf(messages: readonly Heard[]): Mirror {
  let mirror: Mirror = { state: undefined, pet: undefined, sessions: {} };
  for (const { type, data } of messages) {
    if (type === "snapshot") mirror = mirrorOfSnapshot(data);
    else if (type === "state") mirror = { ...mirror, state: withoutCount(data) };
    else if (type === "pet") mirror = { ...mirror, pet: withoutCount(data) };
    else if (type === "session" || type === "session.gone") {
      const { [String(at(data, "id"))]: _before, ...others } = mirror.sessions;
      const sessions = type === "session" ? { ...others, [String(at(data, "id"))]: withoutCount(data) } : others;
      mirror = { ...mirror, sessions };
    }
  }
  return mirror;
}

/** How many older messages a message stands for. */
export function conflatedOf({ data }: Heard): number {
  return Number(at(data, "conflated") ?? 0);
}

function mirrorOfSnapshot(snapshot: unknown): Mirror {
  const sessions = listAt(snapshot, "sessions").map((session): [string, unknown] => [String(at(session, "id")), session]);
  return { state: at(snapshot, "state"), pet: at(snapshot, "pet"), sessions: Object.fromEntries(sessions) };
}

function withoutCount(data: unknown): unknown {
  const { conflated: _count, ...rest } = Object(data);
  return rest;
}
