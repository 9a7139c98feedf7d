/**
 * The parts of prom-client that are used. Its index loads Node's HTTP client and OpenTelemetry, too, which costs a broker that is
 * scraped for the first time 100 ms and 17 MB. Only the index has types.
 *
 * @module
 */

import type * as PromClient from "prom-client";
// @ts-ignore: see above
import counter from "prom-client/lib/counter.js";
// @ts-ignore: see above
import gauge from "prom-client/lib/gauge.js";
// @ts-ignore: see above
import histogram from "prom-client/lib/histogram.js";
// @ts-ignore: see above
import registry from "prom-client/lib/registry.js";

/** A number that only grows. */
export const Counter: typeof PromClient.Counter = counter;

/** A number. */
export const Gauge: typeof PromClient.Gauge = gauge;

/** Numbers by size. */
export const Histogram: typeof PromClient.Histogram = histogram;

/** Metrics that are shown together. */
export const Registry: typeof PromClient.Registry = registry;
