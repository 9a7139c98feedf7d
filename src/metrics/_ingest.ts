/** Metrics of what is posted and kept. @module */

import { refusals } from "../http/reply.ts";
import { labelled, type Metric, type Sample, single } from "./metric.ts";

/** See the module. */
export const INGEST_METRICS: readonly Metric[] = [
  labelled("counter", "perch_events_total", "kind", "Events that were taken.", ({ broker }) => broker.counts.events.entries()),
  single(
    "counter",
    "perch_duplicate_events_total",
    "Events that were taken before, and not once more.",
    ({ broker }) => broker.counts.duplicates,
  ),
  {
    type: "counter",
    name: "perch_refusals_total",
    help:
      "Requests that were refused: 401 and 403 for who asked, 429 for how often, others for what was sent or can't be done.",
    labels: ["status", "code"],
    read: () => Array.from(refusals.entries(), ([why, count]): Sample => [why.split(" "), count]),
  },
  {
    type: "histogram",
    name: "perch_commit_duration_seconds",
    help: "Time that the store took for a commit; those of a store in memory are not timed.",
    labels: [],
    read: ({ broker }) => broker.counts.commitSeconds,
  },
  labelled(
    "counter",
    "perch_commit_failures_total",
    "code",
    "Commits that the store did not keep.",
    ({ broker }) => broker.counts.commitFailures.entries(),
  ),
  single("gauge", "perch_posts_waiting", "Posts that wait for the next commit.", ({ gauges }) => gauges.posts),
  single("gauge", "perch_commits_waiting", "Commits that wait for the one before.", ({ gauges }) => gauges.commits),
];
