/** The whole surface on Deno, behind Hono: loaded when a request needs it, so that a broker answers hooks at once. @module */

import { Hono } from "hono";
import { addSurface } from "../src/app.ts";
import type { Surface } from "../src/surface.ts";
import { upgradeWebSocket } from "./deno-upgrade.ts";

/** Answers a request. */
export type DenoApp = (request: Request) => Response | Promise<Response>;

/** Makes the app. */
export function createDenoApp(surface: Surface): DenoApp {
  const app = new Hono();
  addSurface(app, surface, upgradeWebSocket);
  return (request) => app.fetch(request);
}
