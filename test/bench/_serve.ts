const isDeno = typeof Deno === "object";
const { serve } = isDeno ? await import("../../adapters/deno.ts") : await import("../../adapters/node.ts");
const { createBroker } = await import("../../src/broker.ts");
const { denoClock, nodeClock } = await import("../../adapters/clock.ts");
const [port] = isDeno ? Deno.args : process.argv.slice(2);
const clock = isDeno ? denoClock() : nodeClock();
await serve({ broker: createBroker({ maxSessions: 200000, clock }), port: Number(port), maxReaders: 20000 });
if (!isDeno) process.on("SIGINT", () => process.exit(0));
