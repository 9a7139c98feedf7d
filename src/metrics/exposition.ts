/** Metrics as Prometheus reads them. Loaded with the first scrape. @module */

import type { Buckets } from "../core/buckets.ts";
import type { HistogramMetric, Look, NumberMetric } from "./metric.ts";
import { METRICS } from "./metrics.ts";
import { Counter, Gauge, Histogram, Registry } from "./_prom-client.ts";

/** Shows what a look at the broker finds: nothing is counted here. */
export class Exposition {
  readonly #registry = new Registry();
  readonly #lookNow: () => Look;
  #look: Look;

  constructor(lookNow: () => Look) {
    this.#lookNow = lookNow;
    this.#look = lookNow();
    for (const metric of METRICS) {
      if (metric.type === "histogram") this.#addHistogram(metric);
      else this.#addNumbers(metric);
    }
  }

  /** The content type of {@linkcode text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as they are now. */
  async text(): Promise<string> {
    this.#look = this.#lookNow();
    return await this.#registry.metrics();
  }

  #addNumbers({ type, name, help, labels, read }: NumberMetric): void {
    const samples = () =>
      Array.from(read(this.#look), ([values, value]) => {
        const named = Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ""]));
        return { named, value };
      });
    const config = { name, help, labelNames: [...labels], registers: [this.#registry] };
    if (type === "counter") {
      new Counter({
        ...config,
        collect() {
          this.reset();
          for (const { named, value } of samples()) this.inc(named, value);
        },
      });
    } else {
      new Gauge({
        ...config,
        collect() {
          this.reset();
          // Else what has no sample would be 0.
          if (labels.length === 0) this.remove();
          for (const { named, value } of samples()) this.set(named, value);
        },
      });
    }
  }

  #addHistogram({ name, help, read }: HistogramMetric): void {
    new CountedHistogram({ name, help, registers: [this.#registry] }, () => read(this.#look));
  }
}

/** A histogram whose buckets are counted elsewhere. */
class CountedHistogram extends Histogram {
  readonly #read: () => Buckets;
  readonly #name: string;
  readonly #help: string;

  constructor(config: ConstructorParameters<typeof Histogram>[0], read: () => Buckets) {
    super({ ...config, buckets: [] });
    this.#read = read;
    this.#name = config.name;
    this.#help = config.help;
  }

  /** What a registry asks for. */
  getForPromString() {
    const buckets = this.#read();
    const bucket = (le: number | string, value: number) => ({
      labels: { le },
      value,
      metricName: `${this.#name}_bucket`,
    });
    const cumulative = buckets.cumulative().map((count, index) => bucket(buckets.bounds[index] ?? Infinity, count));
    const values = [
      ...cumulative,
      bucket("+Inf", buckets.count),
      { labels: {}, value: buckets.sum, metricName: `${this.#name}_sum` },
      { labels: {}, value: buckets.count, metricName: `${this.#name}_count` },
    ];
    return Promise.resolve({ name: this.#name, help: this.#help, type: "histogram", values });
  }
}
