/** How a request is refused, in the words of the surface that it was for. @module */

import type { Refusal } from "./guard.ts";
import { jsonReply, problemReply, type Reply } from "./reply.ts";

/** True for paths (a query may follow) whose errors are `application/problem+json`; all others answer in the words of v0. */
export function isV1(path: string): boolean {
  return /^[^?]*\/(?:v1\/[^?]*|events|readyz|metrics)(?:\?|$)/.test(path);
}

/** The answer to a request to `path` that is refused. */
export function refusalReply(path: string, refusal: Refusal): Reply {
  const { status, code, detail } = refusal;
  return isV1(path) ? problemReply(refusal) : jsonReply(status, { error: code }, `${code}: ${detail}`);
}
