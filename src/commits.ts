/** Commits to the store: one after the other, and where they are dear, many posts in one. @module */

import type { Batch } from "./batch.ts";
import { ConflictError, PerchError, StoreError } from "./errors.ts";
import { type Health, StoreWatch } from "./health.ts";
import type { BrokerCounts, BrokerGauges } from "./counts.ts";
import type { Clock } from "./ports/clock.ts";
import type { Store } from "./ports/store.ts";
import { Turns } from "./turns.ts";

/** What commits work on. */
export interface CommitsOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Takes note of each commit. */
  readonly counts: BrokerCounts;
  /** Makes a batch that starts from what is true now. */
  readonly begin: () => Batch;
  /** Makes a batch true that was kept, and tells of it. */
  readonly apply: (batch: Batch) => void;
}

/** A post that waits for the next commit. */
interface Waiting {
  /** Fills its part into a batch; returns how to tell its caller once that is kept. */
  readonly fill: (batch: Batch) => () => void;
  readonly refuse: (error: unknown) => void;
}

/** A group of so many events waits for no more; else it waits until input that is there already was read. */
export const GROUP_EVENTS = 64;

/** See the module. */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #turns = new Turns();
  readonly #watch: StoreWatch;
  readonly #inFlight = new Set<string>();
  #group: Waiting[] = [];
  #groupEvents = 0;

  constructor(options: CommitsOptions) {
    this.#options = options;
    this.#watch = new StoreWatch(options.clock, () => options.store.check());
  }

  /** How the store is. */
  health(): Health {
    return this.#watch.health();
  }

  /** What waits. */
  gauges(): Pick<BrokerGauges, "posts" | "commits"> {
    return { posts: this.#group.length, commits: this.#turns.waiting };
  }

  /**
   * Has `fill` put something into a batch, which may be shared, and keeps it. `fill` may be called again if the batch is made anew.
   *
   * @param weight How many events it brings.
   */
  take<Result>(weight: number, fill: (batch: Batch) => Result): Result | Promise<Result> {
    return this.#options.store.capabilities.gathers ? this.#gather(weight, fill) : this.takeAlone(fill);
  }

  /** The same with a batch of its own, now if no commit is under way. */
  takeAlone<Result>(fill: (batch: Batch) => Result): Result | Promise<Result> {
    return this.#turns.take(() => {
      const batch = this.#options.begin();
      const result = fill(batch);
      const kept = this.#keep(batch);
      return kept === undefined ? result : kept.then(() => result);
    });
  }

  /** @throws {ConflictError} 409 `in_flight` if what is posted under one of these names is being kept just now. */
  refuseInFlight(names: () => readonly string[]): void {
    if (this.#inFlight.size === 0 || !names().some((name) => this.#inFlight.has(name))) return;
    const detail = "The same was posted a moment ago and is still being kept: ask again for what became of it";
    throw new ConflictError(409, "in_flight", detail, { retryAfter: 1 });
  }

  /** Resolves once all that was given is kept or refused. */
  async end(): Promise<void> {
    this.#watch.stop();
    this.#flush();
    await this.#turns.end();
  }

  #gather<Result>(weight: number, fill: (batch: Batch) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        fill(batch) {
          const result = fill(batch);
          return () => resolve(result);
        },
        refuse: reject,
      };
      if (this.#group.push(waiting) === 1) this.#options.clock.defer(() => this.#flush());
      this.#groupEvents += weight;
      if (this.#groupEvents >= GROUP_EVENTS) this.#flush();
    });
  }

  #flush(): void {
    const group = this.#group;
    if (group.length === 0) return;
    this.#group = [];
    this.#groupEvents = 0;
    const kept = this.#turns.take(() => this.#keepGroup(group));
    // A failure was told to each of them.
    kept?.catch(() => {});
  }

  #keepGroup(group: readonly Waiting[]): void | Promise<void> {
    const { batch, tell } = this.#fillAll(group);
    const refuseAll = (error: unknown): void => group.forEach(({ refuse }) => refuse(error));
    try {
      const kept = this.#keep(batch);
      if (kept === undefined) return tell();
      return kept.then(tell, refuseAll);
    } catch (error) {
      refuseAll(error);
    }
  }

  /** One that is refused must leave nothing behind, so the batch is made anew without it. */
  #fillAll(group: readonly Waiting[]): { readonly batch: Batch; tell(): void } {
    let left = group;
    for (;;) {
      const batch = this.#options.begin();
      const tellers: (() => void)[] = [];
      const refused = left.find((waiting) => {
        try {
          tellers.push(waiting.fill(batch));
          return false;
        } catch (error) {
          waiting.refuse(error);
          return true;
        }
      });
      if (refused === undefined) return { batch, tell: () => tellers.forEach((tell) => tell()) };
      left = left.filter((waiting) => waiting !== refused);
    }
  }

  /** Keeps a batch, and only then makes it true and tells of it. */
  #keep(batch: Batch): void | Promise<void> {
    if (batch.isEmpty) return;
    const { store, counts, apply } = this.#options;
    let kept: void | Promise<void>;
    try {
      kept = store.capabilities.gathers ? counts.time(() => store.append(batch)) : store.append(batch);
    } catch (error) {
      throw this.#failed(error);
    }
    if (kept === undefined) return this.#done(batch, apply);
    const names = batch.receipts.map(({ key }) => key);
    for (const name of names) this.#inFlight.add(name);
    return kept.finally(() => names.forEach((name) => this.#inFlight.delete(name))).then(
      () => this.#done(batch, apply),
      (error) => {
        throw this.#failed(error);
      },
    );
  }

  #done(batch: Batch, apply: (batch: Batch) => void): void {
    this.#watch.succeeded();
    apply(batch);
  }

  #failed(error: unknown): PerchError {
    const failure = error instanceof PerchError ? error : new StoreError("store_failed", { cause: error });
    this.#options.counts.commitFailures.add(failure.code);
    this.#watch.failed(failure);
    return failure;
  }
}
