/** Metrics of the process and of its health. @module */

import { VERSION } from "../version.ts";
import { labelled, type NumberMetric, single } from "./metric.ts";

/** See the module. */
export const PROCESS_METRICS: readonly NumberMetric[] = [
  {
    type: "gauge",
    name: "perch_build_info",
    help: "1, with the version of the broker and what it runs on.",
    labels: ["version", "runtime"],
    read: () => [[[VERSION, globalThis.navigator?.userAgent ?? "unknown"], 1]],
  },
  single("gauge", "perch_uptime_seconds", "Time since the broker began to listen.", ({ uptimeMs }) => uptimeMs / 1_000),
  single("gauge", "perch_process_resident_memory_bytes", "Resident memory of the process.", (look) => look.residentBytes),
  single("gauge", "perch_ready", "1 when /readyz answers 200, else 0.", (look) => Number(look.readiness.ready)),
  labelled(
    "gauge",
    "perch_check_ok",
    "check",
    "1 when this check of /readyz is ok, else 0.",
    ({ readiness }) => Object.entries(readiness.checks).map(([check, { ok }]) => [check, Number(ok)]),
  ),
];
