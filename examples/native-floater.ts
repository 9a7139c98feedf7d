/**
 * A floater over WebSocket that misses nothing: it prints the state whenever it changes, and after a break goes on where it was.
 * It needs nothing but the global WebSocket, which Node 22, Deno, Bun and browsers have:
 *
 *     npx node examples/native-floater.ts
 *     npx deno run -A examples/native-floater.ts
 *
 * PERCH_URL in the environment names the broker. In a program of your own, import "@perch/broker/client" instead of
 * "../src/client/client.ts", or use its `connect()`, which does all this and more.
 *
 * @module
 */

import process from "node:process";
import type { StateData, WireMessage } from "../src/client/client.ts";

const url = process.env.PERCH_URL ?? "http://127.0.0.1:7857";
const address = `${url.replace(/^http/, "ws").replace(/\/$/, "")}/v1/ws?topics=state`;
let state: StateData | undefined;
let cursor: string | undefined;
let failures = 0;

function show(): void {
  const counts = Object.entries(state?.counts ?? {}).filter(([, count]) => count > 0);
  console.log(`${state?.state} (${state?.pose})`, ...counts.map(([name, count]) => `${count} ${name}`));
}

function connect(): void {
  const socket = new WebSocket(address);
  const asked = cursor;
  let isAnswered = false;
  let isLive = false;
  let waitMs = Math.random() * Math.min(30_000, 500 * 2 ** failures);

  socket.onopen = () => {
    if (asked !== undefined) socket.send(JSON.stringify({ type: "resume", since: asked }));
  };
  socket.onmessage = ({ data }) => {
    const message: WireMessage = JSON.parse(data);
    // A broker that has waited too long for the cursor begins without it, and anew when it comes.
    if (message.type === "hello") isAnswered = message.data.since === asked;
    if (!isAnswered) return;
    cursor = message.id ?? cursor;
    if (message.type === "snapshot") state = message.data.state;
    if (message.type === "state") state = message.data;
    if (message.type === "live") isLive = true;
    if (message.type === "bye") waitMs = message.data.reconnectInMs;
    if (isLive && (message.type === "live" || message.type === "state")) show();
  };
  socket.onclose = ({ code, reason }) => {
    if (isLive) console.log("stale");
    failures = isLive ? 0 : failures + 1;
    const isFinal = code === 1008 || code === 1009 || (code >= 4500 && code < 4600);
    if (!isFinal) return void setTimeout(connect, waitMs);
    console.error(`the broker does not want it back: ${code} ${reason}`);
    process.exitCode = 1;
  };
}

connect();
