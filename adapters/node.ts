/** Perch on Node. Only this file and its `node-` neighbours name the packages for it. @module */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import process from "node:process";
import { concatBytes } from "../src/core/bytes.ts";
import { dismissReaders } from "../src/dismiss.ts";
import { createFastPath, type FastRoute } from "../src/fast-path.ts";
import type { Grant } from "../src/http/grant.ts";
import { refusalReply } from "../src/http/refusal.ts";
import { errorReply, type Reply } from "../src/http/reply.ts";
import { createSurface } from "../src/surface.ts";
import { lazy } from "./lazy.ts";
import { limitTaking } from "./node-answer.ts";
import { type Head, headOf } from "./node-head.ts";
import { type Connections, frameTransport } from "./node-sockets.ts";
import { originForm, targetProblem } from "./node-target.ts";
import { guardUpgrades } from "./node-upgrade.ts";
import { type RunningServer, schemeOf, type ServeOptions, SHUTDOWN_MS, surfaceOptionsOf, urlOf } from "./server.ts";

export type { RunningServer, ServeOptions, TlsOptions } from "./server.ts";

/** Slow and silent clients are let go after these times, and looked for as often, in milliseconds. */
const TIMEOUTS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 2_000,
};

/**
 * Not imported: an import reads every export, and one of them loads Node's whole HTTP client, which takes longer than all else
 * at start.
 */
const { createServer } = process.getBuiltinModule("node:http");

/**
 * Serves a broker on Node.
 *
 * @throws {Error} With the system's `code`, e.g. `EADDRINUSE`, if it can't listen.
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 7857, broker } = options;
  const server = createServerFor(options);
  const bound = await listen(server, host, port);
  const connections: Connections = new WeakMap();
  const surface = createSurface({
    ...surfaceOptionsOf(options, host, bound),
    sockets: frameTransport(connections),
    residentBytes: () => process.memoryUsage.rss(),
  });
  const scheme = schemeOf(options);
  const fastPath = createFastPath(surface);
  const app = lazy(async () => (await import("./node-app.ts")).createNodeApp(server, surface, connections));
  guardUpgrades(server, { ...surface, scheme }, () => app.value === undefined ? app.load() : undefined);

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const head = headOf(request);
    const path = request.url = originForm(request.url ?? "/", head.host, scheme);
    const route = fastPath.get(`${request.method} ${path}`);
    const grant = route === undefined ? undefined : admit(route, head);
    if (route !== undefined && grant !== undefined) return answerFast(route, head, grant, request, response);
    const refusal = surface.guard(head) ?? targetProblem(path);
    if (refusal !== undefined) return send(response, refusalReply(path, refusal));
    response.once("prefinish", () => limitTaking(response));
    if (app.value !== undefined) return app.value.answer(request, response);
    app.load().then((loaded) => loaded.answer(request, response), (error) => send(response, errorReply(error)));
  });
  return {
    host,
    port: bound,
    url: urlOf(options, host, bound),
    async close() {
      const forced = setTimeout(() => {
        app.value?.terminate();
        server.closeAllConnections();
      }, SHUTDOWN_MS);
      // First the readers, so that whoever comes meanwhile is told to try again.
      await dismissReaders(broker);
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeIdleConnections();
      await closed;
      clearTimeout(forced);
      await broker.close();
    },
  };
}

/** With TLS only where it is asked for: loading it takes time. */
function createServerFor({ tls }: ServeOptions): Server {
  const options = {
    ...TIMEOUTS,
    // A missing Host is answered by the guard, as a wrong one is.
    requireHostHeader: false,
    // Some clients offer h2c with every request (Java's does); before Node 24.9 they are refused.
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === "websocket",
  };
  if (tls === undefined) return createServer(options);
  return process.getBuiltinModule("node:https").createServer({ ...options, ...tls });
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

/**
 * What the fast path grants; undefined when the app is to answer. The announced length must be within the limit: Node takes no more
 * than was announced.
 */
const admit = (route: FastRoute, head: Head): Grant | undefined =>
  route.takes === "nothing" || head.contentLength <= route.maxBytes ? route.admit(head) : undefined;

function answerFast(route: FastRoute, head: Head, grant: Grant, request: IncomingMessage, response: ServerResponse): void {
  if (route.takes === "nothing") return send(response, route.answer());
  const chunks: Uint8Array[] = [];
  request.on("data", (chunk: Uint8Array) => void chunks.push(chunk));
  request.on("end", () => send(response, route.answer(concatBytes(chunks), head, grant)));
}

function send(response: ServerResponse, reply: Reply | Promise<Reply>): void {
  if (reply instanceof Promise) return void reply.then((late) => send(response, late));
  const { status, headers, body } = reply;
  if (body === undefined) {
    response.writeHead(status, headers).end();
  } else {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
    limitTaking(response);
  }
}
