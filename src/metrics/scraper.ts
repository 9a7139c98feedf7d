/** Metrics on demand: what shows them is loaded with the first scrape. @module */

import type { Broker } from "../broker.ts";
import type { Readiness } from "../readiness.ts";
import type { Exposition } from "./exposition.ts";
import type { Look } from "./metric.ts";

/** What is looked at. */
export interface ScraperOptions {
  readonly broker: Broker;
  readonly readiness: Readiness;
  readonly maxReaders: number;
  /** Resident memory of the process now. */
  readonly residentBytes: (() => number) | undefined;
}

/** Looks at one broker, whenever it is asked. */
export class Scraper {
  readonly #options: ScraperOptions;
  readonly #begun: number;
  #exposition: Promise<Exposition> | undefined;

  constructor(options: ScraperOptions) {
    this.#options = options;
    this.#begun = options.broker.clock.now();
  }

  /** All metrics as they are now, and their content type. A failure to load what shows them is not the last word. */
  async scrape(): Promise<{ readonly text: string; readonly contentType: string }> {
    this.#exposition ??= import("./exposition.ts").then(({ Exposition }) => new Exposition(() => this.look()));
    try {
      const exposition = await this.#exposition;
      return { text: await exposition.text(), contentType: exposition.contentType };
    } catch (error) {
      this.#exposition = undefined;
      throw error;
    }
  }

  /** Everything at one moment. */
  look(): Look {
    const { broker, readiness, maxReaders, residentBytes } = this.#options;
    return {
      broker,
      gauges: broker.gauges(),
      hub: broker.hub.gauges(),
      readiness: readiness.look(),
      maxReaders,
      uptimeMs: broker.clock.now() - this.#begun,
      residentBytes: residentBytes?.(),
    };
  }
}
