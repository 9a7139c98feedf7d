/** Why a broker can't listen, in words that help. @module */

import { urlAt } from "./_address.ts";
import type { BrokerSettings, Io } from "./io.ts";

/** How long whoever holds the port has to say who it is, in milliseconds. */
const PROBE_MS = 1_000;

/** One line: what is in the way, and what to do. */
export async function whyNot({ host, port }: BrokerSettings, code: unknown, error: unknown, io: Io): Promise<string> {
  switch (code) {
    case "EADDRINUSE":
      return await portTaken(host, port, io);
    case "EACCES":
      return `Port ${port} may not be used by this user: choose one above 1023 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is no address of this machine (${code}): choose another with --host, e.g. 127.0.0.1`;
    default:
      return `Cannot listen on ${host} port ${port}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function portTaken(host: string, port: number, io: Io): Promise<string> {
  const url = urlAt(host, port);
  const state = await getJson(`${url}/v1/state`, io);
  const isPerch = typeof state?.["epoch"] === "string" && typeof state["seq"] === "number";
  // It may want a token first.
  if (isPerch || String(state?.["type"]).startsWith("urn:perch:")) {
    const status = port === 7857 && host === "127.0.0.1" ? "perch status" : `perch status --url ${url}`;
    return `Port ${port} is taken by a Perch broker that is already running: use that one ("${status}" shows it), or choose ` +
      "another port with --port";
  }
  const peer = await getJson(`${url}/status`, io);
  if (typeof peer?.["state"] === "string" && typeof peer["wsClients"] === "number") {
    return `Port ${port} is taken by the mavis pet broker: end it, since Perch serves its floaters and hooks too, or choose ` +
      "another port with --port";
  }
  return `Port ${port} is taken by another program: choose another port with --port`;
}

/** What the program at `url` answers, when that is a JSON object. */
async function getJson(url: string, { fetch }: Io): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS), redirect: "error" });
    const json: unknown = await response.json();
    return typeof json === "object" && json !== null ? { ...json } : undefined;
  } catch {
    return undefined;
  }
}
