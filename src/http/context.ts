/** What the app knows of a request, from Hono's context. @module */

import type { Context } from "hono";
import { factsOf, type RequestFacts } from "./facts.ts";

/** The facts of the request. Over TLS it may be HTTP/2, which has no Host but an authority in its address. */
export function factsOfContext(c: Context): RequestFacts {
  const { protocol, host } = new URL(c.req.url);
  return factsOf(c.req.raw.headers, c.env, protocol === "https:" ? host : undefined);
}

/** What the door knows the request by: on Node an adapter may have led it through before the app has seen it. */
export function requestOf(c: Context): object {
  const incoming = typeof c.env === "object" && c.env !== null ? Reflect.get(c.env, "incoming") : undefined;
  return typeof incoming === "object" && incoming !== null ? incoming : c.req.raw;
}

/** Path and query. */
export function targetOf(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  return pathname + search;
}

/** Without `upgrade` in Connection, Upgrade is to be ignored (RFC 9110 §7.8); what opens sockets would wait for one for ever. */
export function wantsSocket(c: Context): boolean {
  return c.req.header("upgrade")?.toLowerCase() === "websocket" &&
    (c.req.header("connection") ?? "").toLowerCase().split(",").some((option) => option.trim() === "upgrade");
}
