/** The end of a broker's WebSocket that says what a test tells it to. @module */

import { createServer, type Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { Inbox } from "../support/inbox.ts";
import { listen } from "./_listen.ts";

/** Listens on a free port, and talks to the client that has connected last. */
export class ScriptedBroker {
  readonly url: string;
  /** What clients have sent. */
  readonly frames: Inbox<string> = new Inbox<string>("frames of the client");
  readonly #connections = new Inbox<WebSocket>("connections");
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #socket: WebSocket | undefined;

  private constructor(url: string, server: Server) {
    this.url = url;
    this.#server = server;
    this.#sockets = new WebSocketServer({ server });
    this.#sockets.on("connection", (socket) => {
      socket.on("message", (data) => this.frames.push(String(data)));
      this.#connections.push(socket);
    });
  }

  static async start(): Promise<ScriptedBroker> {
    const server = createServer();
    return new ScriptedBroker(await listen(server), server);
  }

  /** Waits for one more connection. */
  async accept(): Promise<void> {
    this.#socket = await this.#connections.next("connection");
  }

  /** Sends a message of the stream. */
  tell(type: string, data: object, id?: string): this {
    this.#socket?.send(JSON.stringify({ type, id, data }));
    return this;
  }

  close(code: number, reason = ""): void {
    this.#socket?.close(code, reason);
  }

  stop(): void {
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.close();
  }
}
