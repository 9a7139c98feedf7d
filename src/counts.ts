/** What a broker has waiting now, and what has become of what was posted: plain numbers, for whoever asks now and then. @module */

import { Buckets } from "./core/buckets.ts";
import { EVENT_KINDS } from "./core/events.ts";
import { Tally } from "./core/tally.ts";
import type { StoreSize } from "./ports/store.ts";
import type { Message } from "./protocol/message.ts";

/** What waits in a broker, and how large its log is. */
export interface BrokerGauges {
  /** Posts that wait for the next commit. */
  readonly posts: number;
  /** Commits that wait for the one before. */
  readonly commits: number;
  /** What the log takes, as far as the store knows. */
  readonly store: StoreSize;
}

/** Upper bounds of the buckets of commits, in seconds: around what a disk takes to keep something, up to one that hardly works. */
const COMMIT_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What has become of what was posted since the broker was made. */
export class BrokerCounts {
  /** Events that were taken, by kind. */
  readonly events: Tally = new Tally(EVENT_KINDS);
  /** Events that were taken before, and not once more. */
  duplicates = 0;
  /** How long each commit took that was kept, in seconds: of stores that gather posts, since the others take next to no time. */
  readonly commitSeconds: Buckets = new Buckets(COMMIT_SECONDS);
  /** Commits that were not kept, by the code of the error. */
  readonly commitFailures: Tally = new Tally(["disk_full", "store_failed"]);
  readonly #now: () => number;

  /** @param now A steady clock in fractions of milliseconds. Default: that of the runtime. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Times a commit until it is kept. Returns and throws what `append` does. */
  time(append: () => void | Promise<void>): void | Promise<void> {
    const begun = this.#now();
    const kept = (): void => this.commitSeconds.observe((this.#now() - begun) / 1_000);
    const later = append();
    return later === undefined ? kept() : later.then(kept);
  }

  /** Takes note of what a commit has brought. */
  taken(messages: readonly Message[]): void {
    for (const { body } of messages) if (body.type === "event") this.events.add(body.data.kind);
  }
}
