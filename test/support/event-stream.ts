/**
 * A reader of event streams, written line by line from the text of the HTML standard (9.2.5 Parsing an event stream, 9.2.6
 * Interpreting an event stream) and from nothing else, so that no other parser's mistake hides ours.
 *
 * @module
 */

/** An event as a browser dispatches it. */
export interface StreamEvent {
  readonly type: string;
  /** The last id that was set, by this block or by one before it; empty before the first. */
  readonly id: string;
  readonly data: string;
}

/** What a whole stream has said. */
export interface StreamReading {
  readonly events: readonly StreamEvent[];
  /** The id that a reader comes back with. */
  readonly lastEventId: string;
  /** The reconnection time in milliseconds; undefined when none was set. */
  readonly retry: number | undefined;
  /** Comments, without their colon. */
  readonly comments: readonly string[];
  /** Lines that a browser passes over, or that set a field of one block again: a broker sends none. */
  readonly strays: readonly string[];
}

/** Reads a stream from its first byte to its last. What comes after the last empty line is left out. */
export function readEventStream(bytes: Uint8Array): StreamReading {
  const comments: string[] = [];
  const strays: string[] = [];
  const events: StreamEvent[] = [];
  let [data, type, idBuffer, lastEventId] = ["", "", "", ""];
  let retry: number | undefined;
  let seen = new Set<string>();

  const dispatch = (): void => {
    lastEventId = idBuffer;
    // The data ends with the line feed that each of its lines was given.
    if (data !== "") events.push({ type: type === "" ? "message" : type, id: lastEventId, data: data.slice(0, -1) });
    [data, type] = ["", ""];
    seen = new Set();
  };
  const setField = (name: string, value: string, line: string): void => {
    if (seen.has(name)) strays.push(line);
    seen.add(name);
    if (name === "event") type = value;
    else if (name === "data") data += `${value}\n`;
    else if (name === "id" && !value.includes("\0")) idBuffer = value;
    else if (name === "retry" && /^[0-9]+$/.test(value)) retry = Number(value);
    else strays.push(line);
  };

  for (const line of linesOf(bytes)) {
    const colon = line.indexOf(":");
    if (line === "") dispatch();
    else if (colon === 0) comments.push(line.slice(1));
    else if (colon < 0) setField(line, "", line);
    else setField(line.slice(0, colon), withoutSpace(line.slice(colon + 1)), line);
  }
  return { events, lastEventId, retry, comments, strays };
}

/** The lines that have ended; a byte order mark at the very start is none of the first. */
function linesOf(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split(/\r\n|\r|\n/).slice(0, -1);
}

/** One space after the colon is not part of the value. */
const withoutSpace = (value: string): string => value.startsWith(" ") ? value.slice(1) : value;
