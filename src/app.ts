/** The HTTP surface as a Hono app. It listens to nothing and knows no runtime. @module */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { WSEvents } from "hono/ws";
import { FLOATER_BODY_BYTES, floaterErrorReply } from "./compat/mavis-v0.ts";
import type { Selection } from "./hub/dialect.ts";
import { readBody } from "./http/body.ts";
import { cors } from "./http/cors.ts";
import { factsOfContext, requestOf, targetOf, wantsSocket } from "./http/context.ts";
import { queryProblem } from "./http/door.ts";
import { postHeadOf } from "./http/facts.ts";
import { type Grant, viewFor } from "./http/grant.ts";
import { ALIVE, errorReply, jsonReply, personal, problemReply, type Reply, toResponse } from "./http/reply.ts";
import { isV1, refusalReply, RefusedError } from "./http/refusal.ts";
import { parseSelection } from "./http/selection.ts";
import { getEvents, postEvents } from "./routes/events.ts";
import { getLogin, postLoginLink, postLogout, WRONG_LINK } from "./routes/login.ts";
import { socketEvents, type SocketQuery } from "./routes/socket.ts";
import { getMetrics, metricsRefusal } from "./routes/metrics.ts";
import { getReady } from "./routes/ready.ts";
import { getState } from "./routes/state.ts";
import { openStream, STREAM_HEADERS } from "./routes/stream.ts";
import { postTicket, TICKET_BODY_BYTES } from "./routes/tickets.ts";
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
  app.use(refuseStrangers(surface), cors(surface.guard));
  // What is no WebSocket there is the page of the app around.
  app.use("/", onUpgrade(refuseUninvited(surface)));
  for (const path of PATHS) app.use(path, refuseUninvited(surface));
  addFloaterRoutes(app, surface, upgradeWebSocket);
  addProbes(app, surface);
  addLoginRoutes(app, surface);
  addRoutes(app, surface, upgradeWebSocket);
  app.notFound((c) => {
    const target = targetOf(c);
    const problem = queryProblem(target, false);
    if (problem !== undefined) return toResponse(refusalReply(target, problem));
    const detail = `There is nothing at ${c.req.path}`;
    if (isV1(target)) return toResponse(problemReply({ status: 404, code: "not_found", detail }));
    // The log is not told the query, which may hold a secret.
    return toResponse(jsonReply(404, { error: "not_found", path: target }, `not_found: ${detail}`));
  });
  app.onError((error, c) => {
    if (error instanceof RefusedError) return toResponse(refusalReply(c.req.path, error.refusal));
    return toResponse((isV1(c.req.path) ? errorReply : floaterErrorReply)(error));
  });
}

/** Host, Origin and Sec-Fetch-Site: nobody from outside comes past this. */
function refuseStrangers({ guard }: Surface): MiddlewareHandler {
  return async (c, next) => {
    const refusal = guard(factsOfContext(c));
    return refusal === undefined ? await next() : toResponse(refusalReply(c.req.path, refusal));
  };
}

/** Every other path that does something. The rest belongs to the app around, where there is one. */
const PATHS: readonly string[] = [
  "/ws",
  "/event",
  "/status",
  "/switch",
  "/dismiss",
  "/healthz",
  "/readyz",
  "/metrics",
  "/events",
  "/v1/events",
  "/v1/state",
  "/v1/stream",
  "/v1/ws",
  "/v1/tickets",
  "/v1/login-links",
  "/login",
  "/logout",
];

/** Credentials, scopes and rates. Preflights, which carry no credentials, are answered before. */
function refuseUninvited({ door }: Surface): MiddlewareHandler {
  return async (c, next) => {
    const visit = { method: c.req.method, target: targetOf(c), facts: factsOfContext(c), isUpgrade: wantsSocket(c) };
    const refusal = door.enter(requestOf(c), visit);
    return refusal === undefined ? await next() : toResponse(refusalReply(c.req.path, refusal));
  };
}

const grantOf = ({ door }: Surface, c: Context): Grant => door.grantOf(requestOf(c));

const selectionOf = (surface: Surface, c: Context): Selection =>
  parseSelection(new URL(c.req.url).searchParams, grantOf(surface, c));

const socketQueryOf = (c: Context): SocketQuery => ({ since: c.req.query("since"), mayBatch: c.req.query("batch") === "1" });

const respond = async (reply: Reply | Promise<Reply>): Promise<Response> => toResponse(await reply);

const onUpgrade = (upgrade: MiddlewareHandler): MiddlewareHandler => (c, next) => wantsSocket(c) ? upgrade(c, next) : next();

function addFloaterRoutes(app: Hono, surface: Surface, upgradeWebSocket: Upgrade | undefined): void {
  const { floaters } = surface;
  app.post("/event", async (c) => respond(floaters.postEvent(await readBody(c.req.raw, FLOATER_BODY_BYTES))));
  app.post("/switch", async (c) => respond(floaters.postSwitch(await readBody(c.req.raw, FLOATER_BODY_BYTES))));
  app.post("/dismiss", () => toResponse(floaters.postDismiss()));
  app.get("/status", (c) => {
    const { scopes, who } = grantOf(surface, c);
    return toResponse(personal(floaters.getStatus(viewFor(scopes)), who));
  });
  app.get("/healthz", () => toResponse(ALIVE));
  if (upgradeWebSocket === undefined) return;
  const upgrade = onUpgrade(upgradeWebSocket((c) => floaters.socketEvents(grantOf(surface, c))));
  for (const path of ["/ws", "/"]) app.get(path, upgrade);
}

/** What a watchdog or Prometheus asks for. */
function addProbes(app: Hono, surface: Surface): void {
  const { readiness, scraper, metricsFor } = surface;
  app.get("/readyz", (c) => toResponse(getReady(readiness, viewFor(grantOf(surface, c).scopes))));
  app.get("/metrics", (c) => {
    const refusal = metricsRefusal(metricsFor, factsOfContext(c), grantOf(surface, c));
    return refusal === undefined ? respond(getMetrics(scraper)) : toResponse(problemReply(refusal, refusal.headers));
  });
}

function addRoutes(app: Hono, surface: Surface, upgradeWebSocket: Upgrade | undefined): void {
  const { broker, limits } = surface;
  app.post("/v1/events", async (c) => {
    const body = await readBody(c.req.raw, limits.bodyBytes);
    const post = { head: postHeadOf(c.req.raw.headers), grant: grantOf(surface, c), body };
    return respond(postEvents(broker, post, limits));
  });
  app.get("/v1/events", (c) => {
    const statePath = c.req.path.replace(/events$/, "state");
    const reply = getEvents(broker, c.req.query("since"), selectionOf(surface, c), statePath);
    return toResponse(personal(reply, grantOf(surface, c).who));
  });
  app.get("/v1/state", (c) => {
    const reply = getState(broker, selectionOf(surface, c), c.req.header("if-none-match"));
    return toResponse(personal(reply, grantOf(surface, c).who));
  });
  for (const path of ["/v1/stream", "/events"]) {
    app.get(path, (c) => {
      const selection = selectionOf(surface, c);
      if (wantsSocket(c)) return toResponse(problemReply(NO_SOCKET));
      if (c.req.raw.method === "HEAD") return new Response(null, { headers: STREAM_HEADERS });
      const cursor = c.req.header("last-event-id") ?? c.req.query("since");
      return openStream(surface, { selection, cursor, facts: factsOfContext(c), grant: grantOf(surface, c), env: c.env });
    });
  }
  if (upgradeWebSocket !== undefined) {
    const upgrade = upgradeWebSocket((c) => {
      const request = { grant: grantOf(surface, c), selection: selectionOf(surface, c), query: socketQueryOf(c) };
      return socketEvents(surface, request);
    });
    app.get("/v1/ws", onUpgrade(upgrade));
  }
  app.get("/v1/ws", () => toResponse(problemReply(NO_UPGRADE, { upgrade: "websocket" })));
  for (const [path, allow] of ALLOWED) app.all(path, () => toResponse(problemReply(NO_METHOD, { allow })));
}

function addLoginRoutes(app: Hono, surface: Surface): void {
  const { door, logins, tickets } = surface;
  app.post("/v1/tickets", async (c) => {
    const body = await readBody(c.req.raw, TICKET_BODY_BYTES);
    return toResponse(postTicket(tickets, grantOf(surface, c), factsOfContext(c).origin, body));
  });
  app.post("/v1/login-links", (c) => toResponse(postLoginLink(logins, grantOf(surface, c), c.req.url)));
  app.get("/login", (c, next) => {
    // A preview of the link must not use it up.
    if (c.req.raw.method === "HEAD") return next();
    const facts = factsOfContext(c);
    const reply = getLogin(logins, facts, c.req.url);
    if (reply !== undefined) return toResponse(reply);
    const refusal = door.countFailure(facts);
    return toResponse(refusal === undefined ? WRONG_LINK : refusalReply(c.req.path, refusal));
  });
  app.post("/logout", (c) => toResponse(postLogout(logins, factsOfContext(c), c.req.url)));
}

const ALLOWED: readonly (readonly [path: string, methods: string])[] = [
  ["/v1/events", "GET, HEAD, POST"],
  ["/v1/state", "GET, HEAD"],
  ["/v1/stream", "GET, HEAD"],
  ["/events", "GET, HEAD"],
  ["/v1/ws", "GET"],
  ["/readyz", "GET, HEAD"],
  ["/metrics", "GET, HEAD"],
  ["/v1/tickets", "POST"],
  ["/v1/login-links", "POST"],
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
