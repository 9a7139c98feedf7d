/** Every way into a broker, knocked at with headers of any kind. @module */

import type { ServerProcess } from "./broker-process.ts";
import { at, listAt } from "./json.ts";
import { type RawAnswer, type RawHeaders, rawRequest, UPGRADE } from "./raw-http.ts";
import { statusOf } from "./floater.ts";
import { headOf } from "./log.ts";

/** A request that would be taken from a local program. */
export interface Door {
  readonly name: string;
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly headers: RawHeaders;
  /** What it answers to whoever is let in. */
  readonly open: number;
  /** Where its refusals say why. */
  readonly field: "code" | "error";
}

const JSON_TYPE: RawHeaders = [["Content-Type", "application/json"]];

function door(name: string, method: string, target: string, open: number, body = "", headers: RawHeaders = []): Door {
  const length: RawHeaders = body === "" ? [] : [["Content-Length", String(Buffer.byteLength(body))]];
  const field = target.startsWith("/v1/") || target === "/events" ? "code" : "error";
  return { name, method, target, body, open, field, headers: [...headers, ...length] };
}

/** One door for each way in which requests are handled: by the fast path, by the app, as a stream, as an upgrade. */
export const DOORS: readonly Door[] = [
  door("GET /status", "GET", "/status", 200),
  door("GET /v1/state", "GET", "/v1/state", 200),
  door("POST /event", "POST", "/event", 204, '{"kind":"PreToolUse","sessionId":"door"}'),
  door("POST /switch", "POST", "/switch", 200, '{"slug":"door"}'),
  door("POST /v1/events", "POST", "/v1/events", 200, '{"kind":"tool.start","sessionId":"door"}', JSON_TYPE),
  door("SSE /events", "GET", "/events", 200),
  door("WS /ws", "GET", "/ws", 101, "", UPGRADE),
  door("WS /v1/ws", "GET", "/v1/ws", 101, "", UPGRADE),
];

/** Knocks with these headers, Host among them, before those of the door. */
export function knock(server: ServerProcess, { method, target, body, headers }: Door, more: RawHeaders): Promise<RawAnswer> {
  return rawRequest(server.port, { method, target, body, headers: [...more, ...headers] });
}

/** How much a broker has taken: nothing may add to it that was refused. */
export async function takenBy(server: ServerProcess): Promise<readonly unknown[]> {
  const status = await statusOf(server);
  return [await headOf(server), at(status, "pet"), listAt(status, "sessions").length, listAt(status, "recentEvents").length];
}
