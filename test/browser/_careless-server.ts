/** A server that trusts every page, so that attacks can be seen to work where nobody stops them. @module */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { WebSocketServer } from "ws";
import { Inbox } from "../support/inbox.ts";

/** What it tells to everybody. */
export const SECRET = "secret of the house";

/** A careless server that listens. */
export interface CarelessServer {
  readonly url: string;
  /** Each request that was let through to its end, preflights left out: method, path and body. */
  readonly taken: Inbox<string>;
}

const CARELESS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*",
  "access-control-allow-methods": "*",
};

/** Runs `body` with a careless server on a free port. */
export async function withCarelessServer(body: (server: CarelessServer) => Promise<void>): Promise<void> {
  const taken = new Inbox<string>("requests to a careless server");
  const server = createServer((request, response) => void answer(request, response, taken));
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => {
    taken.push(`${request.method} ${request.url} `);
    socket.send(`{"type":"pet","slug":"${SECRET}"}`);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    await body({ url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`, taken });
  } finally {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, taken: Inbox<string>): Promise<void> {
  const { method, url = "" } = request;
  // Credentials need an origin by its name.
  const { origin = "*" } = request.headers;
  const headers = { ...CARELESS, "access-control-allow-origin": origin, "access-control-allow-credentials": "true" };
  if (method === "OPTIONS") {
    response.writeHead(204, { ...headers, "access-control-allow-headers": "content-type, x-page" }).end();
    return;
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  taken.push(`${method} ${url} ${Buffer.concat(chunks).toString("utf8")}`);
  const isStream = url.startsWith("/events") || url.startsWith("/v1/stream");
  response.writeHead(200, { ...headers, "content-type": isStream ? "text/event-stream" : "application/json" });
  if (isStream) response.write(`event: pet\ndata: {"slug":"${SECRET}"}\n\n`);
  else response.end(JSON.stringify({ pet: SECRET }));
}
