/** A server on Deno whose socket handlers throw: one for each path. Started by the upgrade contract. @module */

import { Hono } from "hono";
import type { WSEvents } from "hono/ws";
import { upgradeWebSocket } from "../../adapters/deno-upgrade.ts";

const fail = (): never => {
  throw new Error("A handler failed");
};

const HANDLERS: Readonly<Record<string, WSEvents>> = {
  "/open": { onOpen: fail },
  "/message": { onMessage: fail },
  "/close": { onClose: fail },
  "/all": { onOpen: fail, onMessage: fail, onClose: fail, onError: fail },
};

const app = new Hono();
app.get("/healthz", (c) => c.text("ok"));
for (const [path, events] of Object.entries(HANDLERS)) app.get(path, upgradeWebSocket(() => events));
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.error(`listening on http://127.0.0.1:${port}`),
}, (request) => app.fetch(request));
