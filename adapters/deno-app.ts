/** The whole surface on Deno, behind Hono: loaded when a request needs it, so that a broker answers hooks at once. @module */

import { Hono } from "hono";
import { addSurface } from "../src/app.ts";
import type { Surface } from "../src/surface.ts";
import { upgradeWebSocket } from "./deno-upgrade.ts";

/** Answers a request; `info` says who is at the other end. */
export type DenoApp = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;

/** Makes the app. */
export function createDenoApp(surface: Surface): DenoApp {
  const app = new Hono();
  addSurface(app, surface, upgradeWebSocket);
  return (request, info) => {
    const answer = app.fetch(request, info);
    return request.method === "HEAD" ? Promise.resolve(answer).then(withoutLength) : answer;
  };
}

/** Deno announces the length of every body that it knows, and for `HEAD` Hono leaves none: a stream has no length to announce. */
function withoutLength(answer: Response): Response {
  if (answer.status === 204 || answer.status === 304) return answer;
  return new Response(new ReadableStream({ start: (controller) => controller.close() }), answer);
}
