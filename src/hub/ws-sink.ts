/** WebSockets as sinks: text by text, for any runtime. @module */

import type { Dialect } from "./dialect.ts";
import type { Hub, Subscription } from "./hub.ts";
import type { Ending } from "./reader.ts";
import type { Framing, Sink } from "./sink.ts";

/** What the broker needs of a WebSocket; Hono's `WSContext` has it. */
export interface Socket {
  /** The runtime's own object. */
  readonly raw?: unknown;
  /** 1 while it is open. */
  readonly readyState: number;
  /** Sends one text frame. */
  send(text: string): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
}

/** What else is known of a reader. */
export interface SocketReader {
  /** True when it takes an array of messages in one frame, which some runtimes send faster. Default: false. */
  readonly mayBatch?: boolean;
  /** Why it must go by now. Default: it may stay. */
  readonly ending?: Ending | undefined;
}

/** Subscribes sockets to one hub, in the framing of one runtime. */
export type SocketSubscriber = (
  socket: Socket,
  dialect: Dialect,
  texts: readonly string[],
  reader?: SocketReader,
) => Subscription;

/** How a runtime writes to sockets; made once for each hub. */
export type SocketTransport = (hub: Hub) => SocketSubscriber;

/** Makes the transport of a framing that writes any number of frames at once. */
export function socketTransport<Payload>(
  framing: Framing<Payload>,
  sinkFor: (socket: Socket) => Sink<Payload>,
): SocketTransport {
  return (hub) => {
    const channel = hub.channel(framing);
    return (socket, dialect, texts, reader) => channel.subscribe(dialect, sinkFor(socket), texts, reader?.ending);
  };
}

/** Texts, to be sent as one frame each or as an array in one frame. */
export const TEXTS: Framing<readonly string[]> = {
  name: "texts",
  frame: (text) => [text],
  join: (lists) => lists.flat(),
};

/** Writes through the runtime's own `send`, which frames each text anew for each socket. */
export const textTransport: SocketTransport = (hub) => {
  const channel = hub.channel(TEXTS);
  return (socket, dialect, texts, { mayBatch = false, ending } = {}) =>
    channel.subscribe(dialect, textSink(socket, mayBatch), texts, ending);
};

const OPEN = 1;

function textSink(socket: Socket, mayBatch: boolean): Sink<readonly string[]> {
  const { raw } = socket;
  const target = raw instanceof WebSocket ? raw : socket;
  return {
    framing: TEXTS,
    get backlog() {
      return bufferedAmount(raw);
    },
    write(texts) {
      if (target.readyState !== OPEN) return;
      if (mayBatch && texts.length > 1) target.send(`[${texts.join()}]`);
      else for (const text of texts) target.send(text);
    },
    close: (code, reason) => target.close(code, reason),
    destroy: () => target.close(),
  };
}

function bufferedAmount(raw: unknown): number {
  if (typeof raw !== "object" || raw === null || !("bufferedAmount" in raw)) return 0;
  return typeof raw.bufferedAmount === "number" ? raw.bufferedAmount : 0;
}
