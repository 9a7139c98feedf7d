/** Perch on Node: the only file that names the packages for it. @module */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createNodeWebSocket } from "@hono/node-ws";
import { Hono } from "hono";
import { addSurface, refusalReply } from "../src/app.ts";
import { concatBytes } from "../src/core/bytes.ts";
import { createFastPath, type FastRoute } from "../src/fast-path.ts";
import { logger } from "../src/ports/log.ts";
import { hostsFor } from "../src/http/guard.ts";
import type { Reply } from "../src/http/reply.ts";
import { createSurface } from "../src/surface.ts";
import { headOf } from "./node-head.ts";
import { type Connections, frameTransport, type NodeSocket } from "./node-sockets.ts";
import { guardUpgrades } from "./node-upgrade.ts";
import { dismissReaders, type RunningServer, type ServeOptions, SHUTDOWN_MS, urlOf } from "./server.ts";

export type { RunningServer, ServeOptions } from "./server.ts";

/** Slow and silent clients are let go after these times, and looked for as often, in milliseconds. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
};

/**
 * Serves a broker on Node.
 *
 * @throws {Error} With the system's `code`, e.g. `EADDRINUSE`, if it can't listen.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 7857, broker } = options;
  // A missing Host is answered by the guard, as a wrong one is.
  const server = createServer({ ...TIMEOUTS, requireHostHeader: false });
  const bound = await listen(server, host, port);
  const connections: Connections = new WeakMap();
  const surface = createSurface({ ...options, hosts: hostsFor(host, bound), sockets: frameTransport(connections) });
  const app = new Hono();
  const { wss, injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app });
  wss.options.maxPayload = surface.maxFrameBytes;
  wss.on("connection", (ws, { socket }: IncomingMessage) => void connections.set(ws, { ws, connection: socket }));
  const onError = (error: unknown) => logger("node").warn("a socket failed: {error}", { error });
  addSurface(app, surface, (createEvents) => upgradeWebSocket(createEvents, { onError }));
  injectWebSocket(server);
  guardUpgrades(server, surface.guard);
  const answerByApp = getRequestListener(app.fetch);
  const fastPath = createFastPath(surface);

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const head = headOf(request);
    const path = request.url ?? "/";
    const route = request.method === "POST" ? fastPath.get(`POST ${path}`) : undefined;
    if (route !== undefined && head.contentLength <= route.maxBytes && route.admits(head)) {
      return answerFast(route, head.contentType, request, response);
    }
    const refusal = surface.guard(head);
    if (refusal !== undefined) return send(response, refusalReply(path, refusal));
    void answerByApp(request, response);
  });
  return {
    host,
    port: bound,
    url: urlOf(host, bound),
    async close() {
      const forced = setTimeout(() => end(server, wss.clients), SHUTDOWN_MS);
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      await dismissReaders(broker);
      server.closeIdleConnections();
      await closed;
      clearTimeout(forced);
      await broker.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** The announced length is within the limit, and Node takes no more than was announced. */
function answerFast(
  route: FastRoute,
  contentType: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const chunks: Uint8Array[] = [];
  request.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
  request.on("end", () => {
    const reply = route.answer(contentType, concatBytes(chunks));
    if (reply instanceof Promise) void reply.then((late) => send(response, late));
    else send(response, reply);
  });
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
  } else {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
  }
}

/** Ends what is left at once. */
function end(server: Server, clients: Iterable<NodeSocket>): void {
  for (const client of clients) client.terminate();
  server.closeAllConnections();
}
