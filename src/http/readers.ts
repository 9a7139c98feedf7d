/** How readers of the v1 stream join the hub; shared by the routes of the stream. @module */

import type { Broker } from "../broker.ts";
import type { Selection } from "../hub/dialect.ts";
import type { Cut } from "../hub/reader.ts";
import type { Socket } from "../hub/ws-sink.ts";
import { logger } from "../ports/log.ts";
import { CLOSE, type CloseCode } from "../protocol/codes.ts";
import type { ByeData } from "../protocol/types.ts";
import type { Wording } from "../protocol/wording.ts";
import { StreamDialect } from "../stream.ts";

const log = logger("http");

/** Why no reader can be added now; undefined when one can. */
export function whyFull(broker: Broker, maxReaders: number): "shutdown" | "overload" | undefined {
  const why = broker.isDraining() ? "shutdown" : broker.hub.size >= maxReaders ? "overload" : undefined;
  if (why === undefined) return undefined;
  broker.hub.counts.refused.add(why);
  log.debug("a reader was refused: {why}", { why });
  return why;
}

/** The same for a reader that comes too often. */
export function whyTooOften(broker: Broker, isTooOften: boolean): "overload" | undefined {
  if (isTooOften) broker.hub.counts.refused.add("rate");
  return isTooOften ? "overload" : undefined;
}

/** Closes a socket for what its client has sent, or for its end; what comes on a closed one counts no more. */
export function cutSocket(broker: Broker, socket: Socket, { code, reason }: Cut): void {
  if (socket.readyState === OPEN) broker.hub.counts.cut.add(reason);
  socket.close(code, reason);
}

const OPEN = 1;

/** How a socket is closed that can't be added. */
export const FULL: Readonly<Record<"shutdown" | "overload", { readonly code: CloseCode; readonly reason: string }>> = {
  shutdown: { code: CLOSE.goingAway, reason: "shutting down" },
  overload: { code: CLOSE.overload, reason: "too many readers" },
};

/** When a reader that must leave should come back: a random time, so that not all come at once. */
export function byeData(reason: ByeData["reason"]): ByeData {
  return { reason, reconnectInMs: randomMs(500, 5_000) };
}

/** A whole number of milliseconds from `from` to `to`. */
export function randomMs(from: number, to: number): number {
  return Math.floor(from + Math.random() * (to - from + 1));
}

/** The words of readers of one selection over one transport. */
export function dialectFor(broker: Broker, selection: Selection, wording: Wording): StreamDialect {
  const { heartbeatMs, pingMs } = broker.hub.limits;
  return new StreamDialect(broker, selection, wording, wording.heartbeat === undefined ? pingMs : heartbeatMs);
}
