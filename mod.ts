/**
 * Perch: the one local broker for coding agents. Run this module to start it; import it to mount it in an app of your own.
 *
 * @module
 */

export { type AppOptions, createApp, type Upgrade } from "./src/app.ts";
export { type Broker, type BrokerOptions, createBroker } from "./src/broker.ts";

if (import.meta.main) {
  const { serve } = await import(typeof Deno === "object" ? "./adapters/deno.ts" : "./adapters/node.ts");
  const { createBroker } = await import("./src/broker.ts");
  const at = process.argv.indexOf("--port");
  const s = await serve({
    broker: createBroker({ maxSessions: 200000 }),
    port: Number(process.argv[at + 1] ?? 7857),
    maxReaders: 20000,
  });
  console.error(`perch listening on ${s.url} (sse /events, ws /ws)`);
  process.on("SIGTERM", () => s.close().then(() => process.exit(0)));
}
