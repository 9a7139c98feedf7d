/**
 * Events and pings answered before a framework has seen the request: hooks post often, and wait for it. An adapter hands over the head
 * and the body as it has them; all checks are those of the app.
 *
 * @module
 */

import { FLOATER_BODY_BYTES } from "./compat/mavis-v0.ts";
import { isPage, type PostHead, type RequestFacts } from "./http/facts.ts";
import { type Grant, isRefusal, NOBODY } from "./http/grant.ts";
import { postEvents } from "./routes/events.ts";
import { ALIVE, type Reply } from "./http/reply.ts";
import type { Surface } from "./surface.ts";

interface Admitting {
  /** Undefined for pages and for whoever is to be refused: those are for the app. To be asked once, when all else is right. */
  admit(facts: RequestFacts): Grant | undefined;
}

/** A route without a body. `answer` never throws. */
export interface EmptyRoute extends Admitting {
  readonly takes: "nothing";
  answer(): Reply;
}

/** A route that takes any content as UTF-8 and repairs what is broken, so that a runtime may do that. `answer` never throws. */
export interface TextRoute extends Admitting {
  readonly takes: "text";
  /** Bytes of a body at most; a larger one is for the app to refuse. */
  readonly maxBytes: number;
  answer(body: string | Uint8Array): Reply | Promise<Reply>;
}

/** A route that must see the bytes. `answer` never throws. */
export interface BytesRoute extends Admitting {
  readonly takes: "bytes";
  /** Bytes of a body at most; a larger one is for the app to refuse. */
  readonly maxBytes: number;
  answer(body: Uint8Array, head: PostHead, grant: Grant): Reply | Promise<Reply>;
}

/** One route of the fast path. */
export type FastRoute = EmptyRoute | TextRoute | BytesRoute;

/** The routes of the fast path by method and path, e.g. `POST /event`. */
export function createFastPath({ broker, guard, access, door, floaters, limits }: Surface): ReadonlyMap<string, FastRoute> {
  const isProgram = (facts: RequestFacts): boolean => !isPage(facts) && guard(facts) === undefined;
  const admit = (facts: RequestFacts): Grant | undefined => {
    if (!isProgram(facts)) return undefined;
    const grant = access(facts);
    const isAdmitted = !isRefusal(grant) && grant.scopes.has("ingest") && door.countRequest(grant, facts) === undefined;
    return isAdmitted ? grant : undefined;
  };
  const admitAnybody = (facts: RequestFacts): Grant | undefined =>
    isProgram(facts) && facts.authorization === undefined ? NOBODY : undefined;
  return new Map<string, FastRoute>([
    ["GET /healthz", { takes: "nothing", admit: admitAnybody, answer: () => ALIVE }],
    ["POST /event", { takes: "text", maxBytes: FLOATER_BODY_BYTES, admit, answer: (body) => floaters.postEvent(body) }],
    ["POST /v1/events", {
      takes: "bytes",
      maxBytes: limits.bodyBytes,
      admit,
      answer: (body, head, grant) => postEvents(broker, { head, grant, body }, limits),
    }],
  ]);
}
