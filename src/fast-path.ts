/**
 * Events and pings answered before a framework has seen the request: hooks post often, and wait for it. An adapter hands over the head
 * and the body as it has them; all checks are those of the app.
 *
 * @module
 */

import { FLOATER_BODY_BYTES } from "./compat/mavis-v0.ts";
import type { RequestFacts } from "./http/facts.ts";
import { postEvents } from "./routes/events.ts";
import { ALIVE, type Reply } from "./http/reply.ts";
import type { Surface } from "./surface.ts";

/** One route of the fast path. */
export interface FastRoute {
  /** Bytes of a body at most; a larger one is for the app to refuse. 0 when there is none to read. */
  readonly maxBytes: number;
  /** False for pages and for whoever is to be refused: those are for the app. To be asked before the body is read. */
  admits(facts: RequestFacts): boolean;
  /** Answers. Never throws. */
  answer(contentType: string | undefined, body: Uint8Array): Reply | Promise<Reply>;
}

/** The routes of the fast path by method and path, e.g. `POST /event`. */
export function createFastPath({ broker, guard, access, floaters, limits }: Surface): ReadonlyMap<string, FastRoute> {
  const admits = (facts: RequestFacts): boolean =>
    facts.origin === undefined && facts.fetchSite === undefined && guard(facts) === undefined && access(facts).has("ingest");
  return new Map<string, FastRoute>([
    ["GET /healthz", {
      maxBytes: 0,
      admits: (facts) => guard(facts) === undefined && access(facts).has("read"),
      answer: () => ALIVE,
    }],
    ["POST /event", { maxBytes: FLOATER_BODY_BYTES, admits, answer: (_type, body) => floaters.postEvent(body) }],
    ["POST /v1/events", { maxBytes: limits.bodyBytes, admits, answer: (type, body) => postEvents(broker, type, body, limits) }],
  ]);
}
