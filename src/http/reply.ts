/** Answers as values, so that one piece of code answers through Hono and on the fast path of an adapter. @module */

import { Tally } from "../core/tally.ts";
import { PerchError } from "../errors.ts";
import { logger } from "../ports/log.ts";
import type { ProblemData } from "../protocol/types.ts";

const log = logger("http");

/** Requests of this process that did not get what they asked for, by `status code`, e.g. `400 invalid_json`. */
export const refusals: Tally = new Tally();

/** An answer that fits in memory. */
export interface Reply {
  readonly status: number;
  /** `content-type` and others, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/**
 * Headers of every answer: no browser guesses its type, tells others where it was, or shows it to a page of another origin. They are
 * part of the answers that are made once, so that they cost nothing to put together.
 */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** The headers of a JSON answer. */
export const JSON_TYPE: Readonly<Record<string, string>> = {
  ...SAFE_HEADERS,
  "content-type": "application/json; charset=utf-8",
};

/** The headers of an answer that holds a secret, or was made for whoever holds one. */
export const NO_STORE: Readonly<Record<string, string>> = { "cache-control": "no-store" };

/** 204 without a body. */
export const NO_CONTENT: Reply = { status: 204, headers: SAFE_HEADERS, body: undefined };

/** What `GET /healthz` answers, word for word as 0.7.4 does. */
export const ALIVE: Reply = { status: 200, headers: { ...SAFE_HEADERS, "content-type": "text/plain" }, body: "ok" };

/**
 * A JSON answer.
 *
 * @param why What the log says of an answer from 400 on. Default: the answer itself.
 */
export function jsonReply(status: number, data: object, why?: string): Reply {
  const body = JSON.stringify(data);
  if (status >= 400) noteRefusal(status, "error" in data ? String(data.error) : "unknown", why ?? body);
  return { status, headers: JSON_TYPE, body };
}

/** An error of the v1 surface: RFC 9457. `headers` adds headers. */
export function problemReply(
  problem: Pick<ProblemData, "status" | "code" | "detail" | "snapshot">,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const data: ProblemData = { type: `urn:perch:error:${problem.code}`, title: TITLES[problem.status] ?? "Error", ...problem };
  const body = JSON.stringify(data);
  noteRefusal(problem.status, problem.code, `${problem.code}: ${problem.detail}`);
  return { status: problem.status, headers: { ...SAFE_HEADERS, ...headers, "content-type": "application/problem+json" }, body };
}

/** The v1 answer for whatever was thrown. What is not an error of this package leaks nothing. */
export function errorReply(error: unknown): Reply {
  if (!(error instanceof PerchError)) {
    noteFailure(error);
    return problemReply({ status: 500, code: "internal_error", detail: "The broker failed: see its log" });
  }
  return problemReply({ status: error.status, code: error.code, detail: error.message }, retryHeaders(error));
}

/** When to try again, where the error says so. */
export function retryHeaders(error: PerchError): Readonly<Record<string, string>> {
  return error.retryAfter === undefined ? {} : { "retry-after": String(error.retryAfter) };
}

/** One line, and one count, for each request that did not get what it asked for. */
function noteRefusal(status: number, code: string, why: string): void {
  refusals.add(`${status} ${code}`);
  log.debug("refused with {status}: {why}", { status, why });
}

/** Logs an error that nobody expected; its answer says to look there. */
export function noteFailure(error: unknown): void {
  log.error("a request failed: {error}", { error });
}

/** The answer with headers more. */
export function withHeaders(reply: Reply, headers: Readonly<Record<string, string>>): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

/** An answer that depends on who asks: what was told to one is not for another, and what needed a credential is not kept. */
export function personal(reply: Reply, who: string): Reply {
  return withHeaders(reply, { vary: "Authorization, Cookie", ...who === "" ? {} : NO_STORE });
}

/** The answer as a Response. */
export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body ?? null, { status, headers });
}

/** The phrase of each status that is used. */
export const TITLES: Readonly<Record<number, string>> = {
  204: "No Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  426: "Upgrade Required",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};
