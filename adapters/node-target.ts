/** The target of a request on Node, as it came over the wire. @module */

import type { Refusal, Scheme } from "../src/http/guard.ts";
import { FOREIGN_TARGET, isPlainTarget, ODD_TARGET } from "../src/http/target.ts";

/** The path of a target that names this broker in full, as RFC 9112 §3.2.2 allows; others stay as they are. */
export function originForm(target: string, host: string | undefined, scheme: Scheme = "http"): string {
  if (target.startsWith("/")) return target;
  const origin = `${scheme}://${host}`;
  return host !== undefined && target.startsWith(`${origin}/`) ? target.slice(origin.length) : target;
}

/** Why a target in that form is refused; undefined when it is a path of this broker. */
export function targetProblem(target: string): Refusal | undefined {
  if (!target.startsWith("/")) return FOREIGN_TARGET;
  return isPlainTarget(target) ? undefined : ODD_TARGET;
}
