/**
 * An agent of your own that tells Perch of its life. Take `report` into yours; the rest here plays one turn with one tool:
 *
 *     npx node examples/custom-agent.ts
 *     npx deno run -A examples/custom-agent.ts
 *
 * PERCH_URL in the environment names the broker. `perch watch` shows what it does. In an agent of your own, import
 * "@perch/broker" instead of "../mod.ts"; for the types alone, so an agent without types needs no package.
 *
 * @module
 */

import { readdir } from "node:fs/promises";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { AgentEvent, EventKind } from "../mod.ts";

const url = process.env.PERCH_URL ?? "http://127.0.0.1:7857";
const address = `${url.replace(/\/$/, "")}/v1/events`;
const headers = { "content-type": "application/json" };
const session = { sessionId: `demo-${process.pid}`, agent: "custom-agent" };
const unsent: AgentEvent[] = [];
let isSending = false;

/** Tells Perch, in order. It neither waits nor fails: what does not arrive within a second is lost, and the agent goes on. */
async function report(kind: EventKind, more: Partial<AgentEvent> = {}): Promise<void> {
  unsent.push({ kind, ...session, ...more });
  if (isSending) return;
  isSending = true;
  while (unsent.length > 0) {
    const body = JSON.stringify(unsent.splice(0, 100));
    const answer = fetch(address, { method: "POST", headers, body, signal: AbortSignal.timeout(1_000) });
    await answer.then((response) => response.arrayBuffer()).catch(() => {});
  }
  isSending = false;
}

/** What joins the start, the end and the permission of one call is its id. */
async function callTool(tool: string, run: () => Promise<void>): Promise<void> {
  const call = { tool, toolUseId: crypto.randomUUID() };
  void report("tool.start", call);
  await pause(300);
  void report("permission.request", call);
  await pause(300);
  void report("permission.resolve", call);
  const ok = await run().then(() => true, () => false);
  await pause(300);
  void report("tool.end", { ...call, ok });
}

void report("session.start", { pid: process.pid, cwd: process.cwd() });
await pause(300);
void report("prompt.submit", { title: "Count the files" });
await pause(300);
await callTool("list", async () => console.log(`${(await readdir(".")).length} files`));
await pause(300);
void report("turn.complete");
await pause(300);
void report("session.end", { reason: "done" });
