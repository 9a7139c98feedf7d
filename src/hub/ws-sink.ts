/** WebSockets as sinks: text by text, for any runtime. @module */

import type { Dialect } from "./dialect.ts";
import type { Hub, Subscription } from "./hub.ts";
import type { Framing, Sink } from "./sink.ts";

/** What the broker needs of a WebSocket; Hono's `WSContext` has it. */
export interface Socket {
  /** The runtime's own object. */
  readonly raw?: unknown;
  /** 1 while it is open. */
  readonly readyState: number;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Subscribes sockets to one hub, in the framing of one runtime. */
export type SocketSubscriber = (socket: Socket, dialect: Dialect, texts: readonly string[]) => Subscription;

/** How a runtime writes to sockets; made once for each hub. */
export type SocketTransport = (hub: Hub) => SocketSubscriber;

/** Makes the transport of one framing. */
export function socketTransport<Payload>(
  framing: Framing<Payload>,
  sinkFor: (socket: Socket) => Sink<Payload>,
): SocketTransport {
  return (hub) => {
    const channel = hub.channel(framing);
    return (socket, dialect, texts) => channel.subscribe(dialect, sinkFor(socket), texts);
  };
}

const OPEN = 1;

/** One frame for each text. */
export const TEXTS: Framing<readonly string[]> = {
  name: "texts",
  frame: (text) => [text],
  join: (lists) => lists.flat(),
};

/** Writes through the runtime's own `send`, which frames each text anew for each socket. */
export const textTransport: SocketTransport = socketTransport(TEXTS, (socket) => ({
  framing: TEXTS,
  get backlog() {
    return bufferedAmount(socket.raw);
  },
  write(texts) {
    if (socket.readyState === OPEN) { for (const text of texts) socket.send(text); }
  },
  close: (code, reason) => socket.close(code, reason),
  destroy: () => socket.close(),
}));

function bufferedAmount(raw: unknown): number {
  if (typeof raw !== "object" || raw === null || !("bufferedAmount" in raw)) return 0;
  return typeof raw.bufferedAmount === "number" ? raw.bufferedAmount : 0;
}
