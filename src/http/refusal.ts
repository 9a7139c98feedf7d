/** How a request is refused, in the words of the surface that it was for. @module */

import { PerchError } from "../errors.ts";
import type { Refusal } from "./guard.ts";
import { jsonReply, NO_CONTENT, problemReply, type Reply, withHeaders } from "./reply.ts";

/** True for paths (a query may follow) whose errors are `application/problem+json`; all others answer in the words of v0. */
export function isV1(path: string): boolean {
  return /^[^?]*\/(?:v1\/[^?]*|events|readyz|metrics)(?:\?|$)/.test(path);
}

/** True for the paths of event streams (a query may follow). */
export function isEventStream(path: string): boolean {
  return /^[^?]*\/(?:v1\/stream|events)(?:\?|$)/.test(path) && !/^[^?]*\/v1\/events(?:\?|$)/.test(path);
}

/** A refusal that is found deep inside. */
export class RefusedError extends PerchError {
  override readonly name: string = "RefusedError";
  /** What was refused, and why. */
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.status, refusal.code, refusal.detail);
    this.refusal = refusal;
  }
}

/** The answer to a request to `path` that is refused. A status below 400 tells a browser to stay away without a word. */
export function refusalReply(path: string, refusal: Refusal): Reply {
  const { status, code, detail, headers = {} } = refusal;
  if (status < 400) return { ...NO_CONTENT, status };
  if (isV1(path)) return problemReply({ status, code, detail }, headers);
  return withHeaders(jsonReply(status, { error: code }, `${code}: ${detail}`), headers);
}
