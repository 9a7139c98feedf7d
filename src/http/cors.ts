/** CORS, only for the origins that were named: no other page can read an answer. @module */

import type { MiddlewareHandler } from "hono";
import type { Guard } from "./guard.ts";
import { SAFE_HEADERS } from "./reply.ts";

/** Lets pages of named origins read answers, and answers their preflights. To be used behind the guard. */
export function cors(guard: Guard): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (c.req.method === "OPTIONS" && origin !== undefined && guard.allowsOrigin(origin)) {
      return new Response(null, { status: 204, headers: preflightHeaders(origin) });
    }
    await next();
    for (const [name, value] of Object.entries(corsHeaders(guard, origin))) {
      const before = name === "vary" ? c.res.headers.get(name) : null;
      c.res.headers.set(name, before === null || before === value ? value : `${before}, ${value}`);
    }
    return undefined;
  };
}

/** The headers that let a page of `origin` read an answer; none when it may not, or needs no leave. */
export function corsHeaders(guard: Guard, origin: string | undefined): Readonly<Record<string, string>> {
  return origin !== undefined && guard.allowsOrigin(origin) ? readable(origin) : {};
}

const readable = (origin: string): Record<string, string> => ({
  "access-control-allow-origin": origin,
  "access-control-expose-headers": "etag, perch-cursor, retry-after, www-authenticate",
  vary: "Origin",
});

const preflightHeaders = (origin: string): Record<string, string> => ({
  ...SAFE_HEADERS,
  ...readable(origin),
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, content-type, idempotency-key, last-event-id, if-none-match",
  "access-control-max-age": "600",
});
