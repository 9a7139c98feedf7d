/** What a metric is: a name, what it counts, and how to read it off a broker. @module */

import type { Broker } from "../broker.ts";
import type { Buckets } from "../core/buckets.ts";
import type { HubGauges } from "../hub/counts.ts";
import type { BrokerGauges } from "../counts.ts";
import type { ReadinessData } from "../readiness.ts";

/** All that is read for one scrape, so that its numbers belong together. */
export interface Look {
  readonly broker: Broker;
  readonly gauges: BrokerGauges;
  readonly hub: HubGauges;
  readonly readiness: ReadinessData;
  readonly maxReaders: number;
  /** Milliseconds since the broker began to listen. */
  readonly uptimeMs: number;
  /** Resident memory of the process; undefined where nobody tells. */
  readonly residentBytes: number | undefined;
}

/** The values of the labels, in their order, and the number. */
export type Sample = readonly [labels: readonly string[], value: number];

interface Described {
  /** As Prometheus wants it: with the unit last, then `total` for what only grows. */
  readonly name: string;
  /** What it says, in one line. */
  readonly help: string;
  /** The names of its labels. */
  readonly labels: readonly string[];
}

/** A number for each set of labels. */
export interface NumberMetric extends Described {
  /** A counter only grows. */
  readonly type: "counter" | "gauge";
  read(look: Look): Iterable<Sample>;
}

/** Numbers that were observed, by size. */
export interface HistogramMetric extends Described {
  readonly type: "histogram";
  read(look: Look): Buckets;
}

/** See the module. */
export type Metric = NumberMetric | HistogramMetric;

/** A metric of one number; it has no sample while that is not known. */
export function single(
  type: NumberMetric["type"],
  name: string,
  help: string,
  read: (look: Look) => number | undefined,
): NumberMetric {
  return {
    type,
    name,
    help,
    labels: [],
    read(look) {
      const value = read(look);
      return value === undefined ? [] : [[[], value]];
    },
  };
}

/** A metric of one number for each value of one label. */
export function labelled(
  type: NumberMetric["type"],
  name: string,
  label: string,
  help: string,
  read: (look: Look) => Iterable<readonly [value: string, count: number]>,
): NumberMetric {
  return { type, name, help, labels: [label], read: (look) => [...read(look)].map(([value, count]) => [[value], count]) };
}
