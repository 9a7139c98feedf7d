/** All metrics. @module */

import { INGEST_METRICS } from "./_ingest.ts";
import { LOG_METRICS } from "./_log.ts";
import type { Metric } from "./metric.ts";
import { PROCESS_METRICS } from "./_process.ts";
import { READER_METRICS } from "./_readers.ts";

/** In the order in which they are shown. */
export const METRICS: readonly Metric[] = [...PROCESS_METRICS, ...INGEST_METRICS, ...LOG_METRICS, ...READER_METRICS];
