/** What the client needs of a WebSocket: browsers, Node, Deno and the package `ws` have it. @module */

/** What a socket tells; which of the fields are there depends on `type`. */
export interface SocketEvent {
  /** `open`, `message`, `error` or `close`. */
  readonly type: string;
  /** `message`: a text for a text frame. */
  readonly data?: unknown;
  /** `close`: the close code; absent counts as 1006, a connection that broke. */
  readonly code?: number;
  /** `close`: what the other side says of it; may be empty. */
  readonly reason?: string;
  /** `error`: what happened, where the runtime tells it. */
  readonly message?: string;
}

/** A WebSocket of one connection. */
export interface ClientSocket {
  /** 1 while it is open. */
  readonly readyState: number;
  /** Has `listener` called with each event of the type. */
  addEventListener(type: "open" | "message" | "error" | "close", listener: (event: SocketEvent) => void): void;
  /** Sends a text frame; called only while it is open. */
  send(text: string): void;
  /** Ends the connection, or the try to open it; may come when it has ended already. */
  close(): void;
}

/** Opens a WebSocket. */
export type SocketConstructor = new (url: string) => ClientSocket;
