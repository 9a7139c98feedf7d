/** The HTTP surface as a Hono app. It listens to nothing and knows no runtime. @module */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { WSEvents } from "hono/ws";
import { FLOATER_BODY_BYTES, floaterErrorReply } from "./compat/mavis-v0.ts";
import type { Selection } from "./hub/dialect.ts";
import type { Scope } from "./core/scopes.ts";
import { viewFor } from "./http/access.ts";
import { readBody } from "./http/body.ts";
import { cors } from "./http/cors.ts";
import { factsOf } from "./http/facts.ts";
import type { Refusal } from "./http/guard.ts";
import { ALIVE, errorReply, jsonReply, problemReply, type Reply, toResponse } from "./http/reply.ts";
import { isV1, refusalReply } from "./http/refusal.ts";
import { parseSelection } from "./http/selection.ts";
import { getEvents, postEvents } from "./routes/events.ts";
import { socketEvents, type SocketQuery } from "./routes/socket.ts";
import { getMetrics, metricsRefusal } from "./routes/metrics.ts";
import { getReady } from "./routes/ready.ts";
import { getState } from "./routes/state.ts";
import { openStream, STREAM_HEADERS } from "./routes/stream.ts";
import { createSurface, type Surface, type SurfaceOptions } from "./surface.ts";

/** How a runtime upgrades a request to a WebSocket: Hono's `upgradeWebSocket` of that runtime. */
export type Upgrade = (createEvents: (context: Context) => WSEvents) => MiddlewareHandler;

/** Options of {@linkcode createApp}. */
export interface AppOptions extends SurfaceOptions {
  /**
   * Without it there are no WebSockets: `/v1/ws` answers 426, `/ws` and `/` 404. Sockets that come this way are not pinged by Perch;
   * Deno does it by itself, on Node nobody does.
   */
  readonly upgradeWebSocket?: Upgrade;
}

/**
 * Makes the app of one broker: the v0 and the v1 surface. Mount it in an app of your own with `route()`, or serve it with an
 * adapter. Requests whose Host or Origin is not allowed are refused before anything else.
 */
export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  addSurface(app, createSurface(options), options.upgradeWebSocket);
  return app;
}

/** Adds all routes of a surface to an app that is its alone. */
export function addSurface(app: Hono, surface: Surface, upgradeWebSocket: Upgrade | undefined): void {
  app.use(refuse(surface), cors(surface.guard));
  addFloaterRoutes(app, surface, upgradeWebSocket);
  addProbes(app, surface);
  addRoutes(app, surface, upgradeWebSocket);
  app.notFound((c) => {
    const { pathname, search } = new URL(c.req.url);
    if (!isV1(pathname)) return toResponse(jsonReply(404, { error: "not_found", path: pathname + search }));
    return toResponse(problemReply({ status: 404, code: "not_found", detail: `There is nothing at ${pathname}` }));
  });
  app.onError((error, c) => toResponse((isV1(c.req.path) ? errorReply : floaterErrorReply)(error)));
}

/** Nobody from outside comes past this: Host, Origin and Sec-Fetch-Site, and the scope that each path needs. */
function refuse({ guard, access }: Surface): MiddlewareHandler {
  return async (c, next) => {
    const facts = factsOf(c.req.raw.headers);
    const isRead = c.req.method === "GET" || c.req.method === "HEAD" || c.req.method === "OPTIONS";
    const refusal = guard(facts) ?? missingScope(access(facts), isRead ? "read" : "ingest");
    return refusal === undefined ? await next() : toResponse(refusalReply(c.req.path, refusal));
  };
}

function missingScope(scopes: ReadonlySet<Scope>, scope: Scope): Refusal | undefined {
  if (scopes.has(scope)) return undefined;
  return { status: 403, code: "missing_scope", detail: `This client lacks the scope "${scope}"` };
}

const scopesOf = ({ access }: Surface, c: Context): ReadonlySet<Scope> => access(factsOf(c.req.raw.headers));

const selectionOf = (surface: Surface, c: Context): Selection =>
  parseSelection(new URL(c.req.url).searchParams, scopesOf(surface, c));

const socketQueryOf = (c: Context): SocketQuery => ({ since: c.req.query("since"), mayBatch: c.req.query("batch") === "1" });

const respond = async (reply: Reply | Promise<Reply>): Promise<Response> => toResponse(await reply);

/** Without `upgrade` in Connection, Upgrade is to be ignored (RFC 9110 §7.8); what opens sockets would wait for one for ever. */
const wantsSocket = (c: Context): boolean =>
  c.req.header("upgrade")?.toLowerCase() === "websocket" &&
  (c.req.header("connection") ?? "").toLowerCase().split(",").some((option) => option.trim() === "upgrade");

const onUpgrade = (upgrade: MiddlewareHandler): MiddlewareHandler => (c, next) => wantsSocket(c) ? upgrade(c, next) : next();

function addFloaterRoutes(app: Hono, surface: Surface, upgradeWebSocket: Upgrade | undefined): void {
  const { floaters } = surface;
  app.post("/event", async (c) => respond(floaters.postEvent(await readBody(c.req.raw, FLOATER_BODY_BYTES))));
  app.post("/switch", async (c) => respond(floaters.postSwitch(await readBody(c.req.raw, FLOATER_BODY_BYTES))));
  app.post("/dismiss", () => toResponse(floaters.postDismiss()));
  app.get("/status", (c) => toResponse(floaters.getStatus(viewFor(scopesOf(surface, c)))));
  app.get("/healthz", () => toResponse(ALIVE));
  if (upgradeWebSocket === undefined) return;
  const upgrade = onUpgrade(upgradeWebSocket((c) => floaters.socketEvents(viewFor(scopesOf(surface, c)))));
  for (const path of ["/ws", "/"]) app.get(path, upgrade);
}

/** What a watchdog or Prometheus asks for. */
function addProbes(app: Hono, surface: Surface): void {
  const { readiness, scraper, metricsFor } = surface;
  app.get("/readyz", (c) => toResponse(getReady(readiness, viewFor(scopesOf(surface, c)))));
  app.get("/metrics", (c) => {
    const refusal = metricsRefusal(metricsFor, factsOf(c.req.raw.headers), scopesOf(surface, c));
    return refusal === undefined ? respond(getMetrics(scraper)) : toResponse(problemReply(refusal));
  });
}

function addRoutes(app: Hono, surface: Surface, upgradeWebSocket: Upgrade | undefined): void {
  const { broker, limits } = surface;
  app.post("/v1/events", async (c) => {
    const body = await readBody(c.req.raw, limits.bodyBytes);
    return respond(postEvents(broker, c.req.header("content-type"), body, limits));
  });
  app.get("/v1/events", (c) => {
    const statePath = c.req.path.replace(/events$/, "state");
    return toResponse(getEvents(broker, c.req.query("since"), selectionOf(surface, c), statePath));
  });
  app.get("/v1/state", (c) => toResponse(getState(broker, selectionOf(surface, c), c.req.header("if-none-match"))));
  for (const path of ["/v1/stream", "/events"]) {
    app.get(path, (c) => {
      const selection = selectionOf(surface, c);
      if (wantsSocket(c)) return toResponse(problemReply(NO_SOCKET));
      if (c.req.raw.method === "HEAD") return new Response(null, { headers: STREAM_HEADERS });
      const cursor = c.req.header("last-event-id") ?? c.req.query("since");
      return openStream(surface, { selection, cursor, origin: c.req.header("origin"), env: c.env });
    });
  }
  if (upgradeWebSocket !== undefined) {
    const upgrade = upgradeWebSocket((c) => socketEvents(surface, selectionOf(surface, c), socketQueryOf(c)));
    app.get("/v1/ws", onUpgrade(upgrade));
  }
  app.get("/v1/ws", () => toResponse(problemReply(NO_UPGRADE, { upgrade: "websocket" })));
  for (const [path, allow] of ALLOWED) app.all(path, () => toResponse(problemReply(NO_METHOD, { allow })));
}

const ALLOWED: readonly (readonly [path: string, methods: string])[] = [
  ["/v1/events", "GET, HEAD, POST"],
  ["/v1/state", "GET, HEAD"],
  ["/v1/stream", "GET, HEAD"],
  ["/events", "GET, HEAD"],
  ["/v1/ws", "GET"],
  ["/readyz", "GET, HEAD"],
  ["/metrics", "GET, HEAD"],
];

const NO_METHOD = {
  status: 405,
  code: "method_not_allowed",
  detail: "This path does not know that method: see the Allow header",
};
const NO_SOCKET = { status: 400, code: "invalid_upgrade", detail: "This path is an event stream: the WebSocket is /v1/ws" };
const NO_UPGRADE = {
  status: 426,
  code: "upgrade_required",
  detail: "This path is a WebSocket: connect with ws:// and an Upgrade header",
};
