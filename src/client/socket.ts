/** What the client needs of a WebSocket: browsers, Node, Deno and the package `ws` have it. @module */

/** What a socket tells; which of the fields are there depends on `type`. */
export interface SocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** A WebSocket of one connection. */
export interface ClientSocket {
  /** 1 while it is open. */
  readonly readyState: number;
  addEventListener(type: "open" | "message" | "error" | "close", listener: (event: SocketEvent) => void): void;
  send(text: string): void;
  close(): void;
}

/** Opens a WebSocket. */
export type SocketConstructor = new (url: string) => ClientSocket;
