/** Targets of requests (RFC 9112 §3.2): which ones mean the same to everybody. @module */

import type { Refusal } from "./guard.ts";

/** `.` and `..` as segments, also in percent form. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i;

/** Why a target is refused. */
export const ODD_TARGET: Refusal = { status: 400, code: "invalid_target", detail: "The target is no plain path" };

/** Why a target is refused that names a host of its own (RFC 9112 §3.2.2): it is not meant for this broker, whatever Host says. */
export const FOREIGN_TARGET: Refusal = { status: 421, code: "wrong_host", detail: "The target is no path of this broker" };

/**
 * True for a path, with or without a query, that is taken as it is sent. Parsers of URLs disagree about others: some read
 * `//name/` and `/\name/` as a host, resolve `..`, or drop what follows a `#`.
 */
export function isPlainTarget(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  return path.startsWith("/") && !path.startsWith("//") && !path.includes("\\") && !target.includes("#") &&
    !DOT_SEGMENT.test(path) && URL.canParse(target, "http://localhost");
}
