/** Messages as a broker sends them. @module */

import type { SessionData, SnapshotData, StateData, WireMessage } from "../../src/protocol/types.ts";

/** The epoch of the messages here. */
export const EPOCH = "AbCdEfGh01";

/** The cursor of `seq`. */
export const at = (seq: number): string => `${EPOCH}.${seq}`;

export const STATE: StateData = {
  state: "idle",
  pose: "idle",
  since: 1,
  counts: { failed: 0, waiting: 0, prompted: 0, starting: 0, ending: 0, done: 0, working: 0, unknown: 0, idle: 0 },
};

export const session = (id: string, rest: Partial<SessionData> = {}): SessionData => (
  { id, state: "working", pose: "run", since: 1, ...rest }
);

export const hello = (mode: "snapshot" | "delta" = "snapshot", head = 0, heartbeatMs = 15_000): WireMessage => (
  { type: "hello", data: { epoch: EPOCH, head, mode, recovered: mode === "delta", heartbeatMs, version: "0.0.0" } }
);

export const reset = (reason: "none" | "gap" | "epoch" = "none"): WireMessage => ({ type: "reset", data: { reason } });

export const snapshot = (seq: number, rest: Partial<SnapshotData> = {}): WireMessage => (
  { type: "snapshot", id: at(seq), data: { epoch: EPOCH, seq, state: STATE, pet: { slug: null }, sessions: [], ...rest } }
);

export const live = (head: number): WireMessage => ({ type: "live", id: at(head), data: { head } });

export const pet = (seq: number, slug = `pet-${seq}`): WireMessage => (
  { type: "pet", id: at(seq), data: { slug } }
);

export const bye = (reason: "shutdown" | "slow" | "overload", reconnectInMs: number): WireMessage => (
  { type: "bye", data: { reason, reconnectInMs } }
);

/** All that starts a stream without a cursor. */
export const greeting = (seq = 0): WireMessage[] => [hello("snapshot", seq), reset(), snapshot(seq), live(seq)];

/** The same messages as blocks of an event stream. */
export function sse(...messages: readonly WireMessage[]): string {
  return messages.map(({ type, id, data }) =>
    `${id === undefined ? "" : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
  ).join("");
}
