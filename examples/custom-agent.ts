/**
 * An agent of your own that tells Perch of its life. Copy `report` into yours; the rest plays a turn with one tool:
 *
 *     node examples/custom-agent.ts
 *     deno run -A examples/custom-agent.ts
 *
 * PERCH_URL in the environment names the broker. Watch it with `perch watch`. In an agent of your own, import "@perch/broker"
 * instead of "../mod.ts", or leave the type out and need no package at all.
 *
 * @module
 */

import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { AgentEvent } from "../mod.ts";

const address = `${process.env.PERCH_URL ?? "http://127.0.0.1:7857"}/v1/events`;
const headers = { "content-type": "application/json" };
const unsent: AgentEvent[] = [];
let isSending = false;

/** Tells Perch, in order, and neither waits nor fails: what does not arrive within a second is lost, and the agent goes on. */
async function report(event: AgentEvent): Promise<void> {
  unsent.push(event);
  if (isSending) return;
  isSending = true;
  while (unsent.length > 0) {
    const body = JSON.stringify(unsent.splice(0, 100));
    const answer = fetch(address, { method: "POST", headers, body, signal: AbortSignal.timeout(1_000) });
    await answer.then((response) => response.arrayBuffer()).catch(() => {});
  }
  isSending = false;
}

const session = { sessionId: `demo-${process.pid}`, agent: "custom-agent" };

async function runTool(tool: string, needsPermission: boolean) { }
