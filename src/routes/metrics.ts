/** `GET /metrics`: numbers for Prometheus. @module */

import { missingScope } from "../http/door.ts";
import { isPage, type RequestFacts } from "../http/facts.ts";
import type { Grant } from "../http/grant.ts";
import type { Refusal } from "../http/guard.ts";
import { NO_STORE, type Reply, SAFE_HEADERS } from "../http/reply.ts";
import type { Scraper } from "../metrics/scraper.ts";

/** Who may read the metrics: whoever has the scope `admin`, or any program of this machine, too. */
export type MetricsFor = "admin" | "loopback";

/** Why a request may not read the metrics; undefined when it may. Pages need the scope in any case. */
export function metricsRefusal(metricsFor: MetricsFor, facts: RequestFacts, grant: Grant): Refusal | undefined {
  if (metricsFor === "loopback" && grant.who === "" && !isPage(facts)) return undefined;
  const refusal = missingScope(grant, "admin");
  const help = "start the broker with --metrics loopback to show them to all programs of this machine";
  return refusal === undefined ? undefined : { ...refusal, detail: `${refusal.detail}; or ${help}` };
}

/** Everything that is counted, in the text format of Prometheus. */
export async function getMetrics(scraper: Scraper): Promise<Reply> {
  const { text, contentType } = await scraper.scrape();
  return { status: 200, headers: { ...SAFE_HEADERS, ...NO_STORE, "content-type": contentType }, body: text };
}
