/** How each transport words a message: a block of an event stream, or a JSON text. @module */

import { FramingError } from "../errors.ts";
import { encodeSse, SSE_COMMENT } from "./sse.ts";
import type { MessageType } from "./types.ts";

/** Words messages for one kind of transport. */
export interface Wording {
  /** The transport, as `Dialect.transport` has it. */
  readonly name: string;
  /**
   * One message. `json` is its data; `id` is absent where the reader's cursor must not move.
   *
   * @throws {FramingError} If a part would break the frame.
   */
  tell(type: MessageType, id: string | undefined, json: string): string;
  /** What keeps a quiet stream alive and moves the reader's cursor to `id`; absent where the transport has a ping. */
  readonly heartbeat?: (id: string) => string;
}

/** Server-Sent Events. */
export const SSE_WORDING: Required<Wording> = {
  name: "sse",
  tell: (type, id, json) => encodeSse(id === undefined ? { event: type, data: json } : { event: type, id, data: json }),
  heartbeat: (id) => encodeSse({ id }),
};

/** The first words of an event stream: they open it at once, and tell when to come back should it break, in milliseconds. */
export function sseOpening(retryMs: number): string {
  return SSE_COMMENT + encodeSse({ retry: retryMs });
}

const QUOTE_OR_CONTROL = /["\\\p{Cc}]/u;

/** JSON, as WebSocket frames and history carry it. */
export const JSON_WORDING: Wording = {
  name: "ws",
  tell(type, id, json) {
    if (id === undefined) return `{"type":"${type}","data":${json}}`;
    if (QUOTE_OR_CONTROL.test(id)) throw new FramingError(`Cannot frame id ${JSON.stringify(id)}: it is no cursor`);
    return `{"type":"${type}","id":"${id}","data":${json}}`;
  },
};
