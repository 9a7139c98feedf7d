/** The whole surface on Node, behind Hono: loaded when a request needs it, so that a broker answers hooks at once. @module */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";
import { Hono } from "hono";
import { addSurface } from "../src/app.ts";
import { logger } from "../src/ports/log.ts";
import type { Surface } from "../src/surface.ts";
import { responseTransport } from "./node-events.ts";
import type { Connections } from "./node-sockets.ts";

/** What the app does for a server. */
export interface NodeApp {
  answer(request: IncomingMessage, response: ServerResponse): void;
  /** Ends all WebSockets at once. */
  terminate(): void;
}

/** Makes the app, and has it take the upgrades of `server`. */
export function createNodeApp(server: Server, surface: Surface, connections: Connections): NodeApp {
  const app = new Hono();
  const { wss, injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app });
  wss.options.maxPayload = surface.maxFrameBytes;
  // Else ws would echo the first protocol that is offered, whatever it is.
  wss.options.handleProtocols = () => false;
  wss.on("connection", (ws, { socket }: IncomingMessage) => void connections.set(ws, { ws, connection: socket }));
  const onError = (error: unknown) => logger("node").warn("a socket failed: {error}", { error });
  const streaming = { ...surface, openEvents: responseTransport };
  addSurface(app, streaming, (createEvents) => upgradeWebSocket(createEvents, { onError }));
  injectWebSocket(server);
  const answer = getRequestListener(app.fetch);
  return {
    answer: (request, response) => void answer(request, response),
    terminate() {
      for (const client of wss.clients) client.terminate();
    },
  };
}
