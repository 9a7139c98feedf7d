/** CORS, only for the origins that were named: no other page can read an answer. @module */

import type { MiddlewareHandler } from "hono";
import type { Guard } from "./guard.ts";

/** Lets pages of named origins read answers, and answers their preflights. To be used behind the guard. */
export function cors(guard: Guard): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (origin === undefined || !guard.allowsOrigin(origin)) return next();
    if (c.req.method === "OPTIONS") return new Response(null, { status: 204, headers: preflightHeaders(origin) });
    await next();
    for (const [name, value] of Object.entries(corsHeaders(origin))) c.res.headers.append(name, value);
  };
}

const corsHeaders = (origin: string): Record<string, string> => ({
  "access-control-allow-origin": origin,
  "access-control-expose-headers": "etag, perch-cursor, retry-after",
  vary: "Origin",
});

const preflightHeaders = (origin: string): Record<string, string> => ({
  ...corsHeaders(origin),
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "content-type, last-event-id, if-none-match",
  "access-control-max-age": "600",
});
