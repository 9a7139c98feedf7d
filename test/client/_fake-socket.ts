/** A broker's WebSocket side in the hand of a test. @module */

import type { ClientSocket, SocketConstructor, SocketEvent } from "../../src/client/socket.ts";

/** One socket: what the client does to it is kept, what the broker does to it the test calls. */
export class FakeSocket implements ClientSocket {
  readonly url: string;
  /** Frames that the client has sent. */
  readonly sent: unknown[] = [];
  /** True once the client has closed it. */
  isClosed = false;
  readyState = 0;
  readonly #listeners: { readonly type: string; readonly listener: (event: SocketEvent) => void }[] = [];

  constructor(url: string) {
    this.url = url;
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.push({ type, listener });
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
    this.readyState = 2;
  }

  open(): this {
    this.readyState = 1;
    this.#tell({ type: "open" });
    return this;
  }

  /** Sends what JSON can carry; a string goes as it is. */
  receive(...frames: readonly unknown[]): void {
    for (const frame of frames) {
      this.#tell({ type: "message", data: typeof frame === "string" ? frame : JSON.stringify(frame) });
    }
  }

  /** Sends a frame of bytes. */
  receiveBytes(bytes: Uint8Array): void {
    this.#tell({ type: "message", data: bytes });
  }

  /** Ends it from the broker's side, or by a fault on the way. */
  drop(code = 1006, reason = "", message?: string): void {
    this.readyState = 3;
    if (code === 1006) this.#tell(message === undefined ? { type: "error" } : { type: "error", message });
    this.#tell({ type: "close", code, reason });
  }

  #tell(event: SocketEvent): void {
    for (const { type, listener } of this.#listeners) if (type === event.type) listener(event);
  }
}

/** Sockets as they are opened, the last one last. */
export class FakeSockets {
  readonly all: FakeSocket[] = [];
  readonly WebSocket: SocketConstructor;

  constructor() {
    const { all } = this;
    this.WebSocket = class extends FakeSocket {
      constructor(url: string) {
        super(url);
        all.push(this);
      }
    };
  }

  /** The last one. */
  get last(): FakeSocket {
    const last = this.all.at(-1);
    if (last === undefined) throw new Error("No socket has been opened");
    return last;
  }
}
