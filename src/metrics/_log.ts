/** Metrics of the log and the sessions. @module */

import { labelled, type NumberMetric, single } from "./metric.ts";

/** See the module. */
export const LOG_METRICS: readonly NumberMetric[] = [
  labelled("gauge", "perch_sessions", "state", "Live sessions.", ({ broker }) => Object.entries(broker.state().counts)),
  single("gauge", "perch_log_head", "Number of the newest message of the log.", ({ broker }) => broker.bounds().head),
  single("gauge", "perch_log_oldest", "Number of the oldest message that is kept.", ({ broker }) => broker.bounds().oldest),
  single("gauge", "perch_log_messages", "Messages that are kept.", ({ broker }) => {
    const { head, oldest } = broker.bounds();
    return head - oldest + 1;
  }),
  single("gauge", "perch_log_memory_bytes", "What the log takes in memory.", ({ gauges }) => gauges.store.memoryBytes),
  single("gauge", "perch_log_disk_bytes", "What the log takes in files.", ({ gauges }) => gauges.store.diskBytes),
];
