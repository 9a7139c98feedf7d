/** A daemon of the kind that tells the mavis pet broker of titles and tools, which hooks do not tell it. @module */

import { createServer, type ServerResponse } from "node:http";

/** A daemon that listens. */
export interface Daemon {
  readonly url: string;
  /** Tells whoever listens; waits until somebody does. */
  tell(event: string, payload: object): Promise<void>;
  close(): void;
}

/** Starts a daemon that knows of no session before it is told to tell of one. */
export async function startDaemon(): Promise<Daemon> {
  let connected: (response: ServerResponse) => void;
  const listener = new Promise<ServerResponse>((resolve) => connected = resolve);
  const server = createServer((request, response) => {
    if (request.url !== "/mavis/api/events") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
    connected(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    async tell(event, payload) {
      (await listener).write(`event: ${event}\ndata: ${JSON.stringify({ payload })}\n\n`);
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
