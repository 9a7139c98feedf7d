/** `GET /metrics`: numbers for Prometheus. @module */

import type { Scope } from "../core/scopes.ts";
import type { RequestFacts } from "../http/facts.ts";
import type { Refusal } from "../http/guard.ts";
import type { Reply } from "../http/reply.ts";
import type { Scraper } from "../metrics/scraper.ts";

/** Who may read the metrics: whoever has the scope `admin`, or any program of this machine, too. */
export type MetricsFor = "admin" | "loopback";

/** Why a request may not read the metrics; undefined when it may. Pages need the scope in any case. */
export function metricsRefusal(
  metricsFor: MetricsFor,
  { origin, fetchSite }: RequestFacts,
  scopes: ReadonlySet<Scope>,
): Refusal | undefined {
  const isProgram = origin === undefined && fetchSite === undefined;
  if (scopes.has("admin") || (metricsFor === "loopback" && isProgram)) return undefined;
  const detail = 'This client lacks the scope "admin": start the broker with --metrics loopback to show them to all programs';
  return { status: 403, code: "missing_scope", detail };
}

/** Everything that is counted, in the text format of Prometheus. */
export async function getMetrics(scraper: Scraper): Promise<Reply> {
  const { text, contentType } = await scraper.scrape();
  return { status: 200, headers: { "content-type": contentType, "cache-control": "no-store" }, body: text };
}
