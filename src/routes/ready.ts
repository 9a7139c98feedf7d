/** `GET /readyz`: whether the broker can do its work now. @module */

import type { View } from "../protocol/message.ts";
import type { Check, Readiness } from "../readiness.ts";
import { JSON_TYPE, type Reply } from "../http/reply.ts";

/** 200, or 503 when a check is not ok. The bare view has no details. */
export function getReady(readiness: Readiness, view: View): Reply {
  const { ready, checks } = readiness.look();
  const shown = Object.entries(checks).map(([name, check]) => [name, view === "full" ? check : bare(check)]);
  const body = JSON.stringify({ ready, checks: Object.fromEntries(shown) });
  const headers = { ...JSON_TYPE, "cache-control": "no-store" };
  return ready ? { status: 200, headers, body } : { status: 503, headers: { ...headers, "retry-after": "1" }, body };
}

const bare = ({ ok, code, since }: Check): Check => ({
  ok,
  ...(code === undefined ? {} : { code }),
  ...(since === undefined ? {} : { since }),
});
