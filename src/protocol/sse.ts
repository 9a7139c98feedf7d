/** Server-Sent Events framing. What would break a frame is refused, never repaired. @module */

import { FramingError } from "../errors.ts";

/** One event of the stream. */
export interface SseEvent {
  /** One word of the stream's vocabulary: `[a-z.]`. */
  readonly event?: string;
  /** A cursor: visible ASCII without spaces. */
  readonly id?: string;
  /** Reconnection time in whole milliseconds. */
  readonly retry?: number;
  /** Any text without CR and LF; JSON has none. */
  readonly data?: string;
}

const EVENT_NAME = /^[a-z][a-z.]{0,31}$/;
const ID = /^[\x21-\x7E]{1,64}$/;
const LINE_BREAK = /[\r\n]/;

/**
 * Encodes one event, or with neither `data` nor `event` a block that a browser takes the `id` from without telling the page.
 *
 * @throws {FramingError} If a field would end its line or the block early, or could not be read back as it was.
 */
export function encodeSse({ event, id, retry, data }: SseEvent): string {
  let block = "";
  if (id !== undefined) block += `id: ${checked("id", id, ID)}\n`;
  if (event !== undefined) block += `event: ${checked("event", event, EVENT_NAME)}\n`;
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0) {
      throw new FramingError(`Cannot frame retry ${retry}: not whole milliseconds`);
    }
    block += `retry: ${retry}\n`;
  }
  if (data !== undefined) {
    if (LINE_BREAK.test(data)) throw new FramingError(`Cannot frame data "${data.slice(0, 40)}": it has a line break`);
    block += `data: ${data}\n`;
  }
  return block + "\n";
}

/** A comment: keeps the connection busy, and readers ignore it. */
export const SSE_COMMENT = ":\n\n";

function checked(field: string, value: string, form: RegExp): string {
  if (!form.test(value)) throw new FramingError(`Cannot frame ${field} ${JSON.stringify(value)}: it must match ${form.source}`);
  return value;
}
