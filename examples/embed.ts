/**
 * Perch in a Hono app of your own, with your own routes beside it, on Node and on Deno:
 *
 *     npx node examples/embed.ts
 *     npx deno run -A examples/embed.ts
 *
 * Then open http://127.0.0.1:7857/floater.html and post an event, e.g. `sh examples/hook.sh prompt.submit demo`. PORT in the
 * environment names another port. In an app of your own, import "@perch/broker" instead of "../mod.ts"; on Node it also needs
 * `npm install @hono/node-server ws`.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { Hono } from "hono";
import { createApp, createBroker, dismissReaders, type Upgrade } from "../mod.ts";

const hostname = "127.0.0.1";
const port = Number(process.env.PORT ?? 7857);
const onListen = (address: { port: number }): void => console.error(`listening on http://${hostname}:${address.port}`);

const page = readFileSync(new URL("floater.html", import.meta.url), "utf8");
const broker = createBroker();

/** Own routes come first: after Perch at "/", its checks of Host and Origin would hold for them too. */
function createOwnApp(upgradeWebSocket: Upgrade): Hono {
  const app = new Hono();
  app.get("/floater.html", (c) => c.html(page));
  app.get("/hello", (c) => c.json({ state: broker.state().state, sessions: broker.sessionCount() }));
  // At "/", hooks and floaters find Perch by host and port alone. At "/perch" it is all below that: /perch/events and so on.
  app.route("/", createApp({ broker, upgradeWebSocket }));
  return app;
}

if (typeof Deno === "object") {
  const { upgradeWebSocket } = await import("hono/deno");
  Deno.serve({ hostname, port, onListen }, createOwnApp(upgradeWebSocket).fetch);
} else {
  const { serve, upgradeWebSocket } = await import("@hono/node-server");
  const { WebSocketServer } = await import("ws");
  const server = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 });
  const app = createOwnApp(upgradeWebSocket);
  // @ts-expect-error Under exactOptionalPropertyTypes, and only then, the types of ws are not those that node-server asks for.
  serve({ fetch: app.fetch, hostname, port, websocket: { server } }, onListen);
}

/** Readers are told when to come back, and the events that were taken are theirs before that. */
async function end(): Promise<void> {
  await dismissReaders(broker);
  await broker.close();
  process.exit();
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void end());
