/** Metrics of readers, and of all that waits for them. @module */

import type { Tally } from "../core/tally.ts";
import { type HubCounts, noGauges, type ReaderGauges, TRANSPORTS } from "../hub/counts.ts";
import { labelled, type NumberMetric, single } from "./metric.ts";

/** A number of each transport as it is now. */
function now(name: string, key: keyof ReaderGauges, help: string): NumberMetric {
  return labelled(
    "gauge",
    name,
    "transport",
    help,
    ({ hub: { byTransport } }) =>
      [...new Set([...TRANSPORTS, ...byTransport.keys()])].map((transport) => [
        transport,
        (byTransport.get(transport) ?? noGauges())[key],
      ]),
  );
}

/** What has happened so far. */
function total(name: string, label: string, help: string, pick: (counts: HubCounts) => Tally): NumberMetric {
  return labelled("counter", name, label, help, ({ broker }) => pick(broker.hub.counts).entries());
}

/** See the module. */
export const READER_METRICS: readonly NumberMetric[] = [
  now("perch_readers", "readers", "Readers."),
  single("gauge", "perch_readers_limit", "Readers at most.", ({ maxReaders }) => maxReaders),
  now("perch_readers_behind", "behind", "Readers that get nothing new until they have taken some."),
  single("gauge", "perch_readers_ending", "Readers that were cut and have not taken their end.", ({ hub }) => hub.ending),
  total("perch_readers_joined_total", "transport", "Readers that came.", ({ joined }) => joined),
  total("perch_readers_refused_total", "reason", "Readers that were sent away at once.", ({ refused }) => refused),
  total("perch_readers_cut_total", "reason", "Readers that were cut.", ({ cut }) => cut),
  total(
    "perch_readers_reset_total",
    "transport",
    "Readers that had missed more than is kept and were told everything anew.",
    ({ reset }) => reset,
  ),
  now("perch_reader_backlog_bytes", "backlogBytes", "Bytes that were written to readers and have not left the process."),
  now("perch_reader_backlog_max_bytes", "maxBacklogBytes", "The same of the reader that has most."),
  now("perch_lanes", "lanes", "Lanes: readers that are told the same share one queue."),
  now("perch_lanes_behind", "lanesBehind", "Lanes with a reader behind."),
  now("perch_lane_messages", "messages", "Messages in the queues of the lanes."),
  now("perch_lane_chars", "chars", "Characters in the queues of the lanes."),
  total(
    "perch_lane_dropped_messages_total",
    "transport",
    "Messages that a lane let go of before every reader had had them.",
    ({ dropped }) => dropped,
  ),
  total(
    "perch_conflated_messages_total",
    "transport",
    "Messages that a reader was not told because a newer one says the same.",
    ({ conflated }) => conflated,
  ),
];
