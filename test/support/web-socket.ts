/** A WebSocket in the hand of a test, as Hono hands it to the surface of a broker. @module */

import { WSContext, type WSEvents } from "hono/ws";

/** One connection of a client: what it was sent, and how it was closed. */
export class FakeWebSocket {
  readonly sent: string[] = [];
  /** Each `close`, as `code reason`. */
  readonly closed: string[] = [];
  readonly #events: WSEvents;
  readonly #context: WSContext;

  constructor(events: WSEvents) {
    this.#events = events;
    this.#context = new WSContext({
      send: (data) => void this.sent.push(String(data)),
      close: (code, reason) => void this.closed.push(`${code} ${reason}`),
      readyState: 1,
      protocol: null,
      url: null,
    });
  }

  /** The connection is there. */
  open(): this {
    this.#events.onOpen?.(new Event("open"), this.#context);
    return this;
  }

  /** The client sends a frame. */
  receive(data: string | ArrayBuffer | Blob): this {
    this.#events.onMessage?.(new MessageEvent("message", { data }), this.#context);
    return this;
  }

  /** The connection is gone. */
  leave(): void {
    this.#events.onClose?.(Object.assign(new Event("close"), { code: 1005, reason: "", wasClean: true }), this.#context);
  }

  /** The frames since the last call. */
  news(): string[] {
    return this.sent.splice(0);
  }
}
