/** The broker: joins the pure core with the store, the clock and the hub. Nothing else does. @module */

import { Announcer, type MessageListener } from "./announcer.ts";
import { Batch } from "./batch.ts";
import { Commits } from "./commits.ts";
import type { AgentEvent } from "./core/events.ts";
import type { Session } from "./core/session.ts";
import { completeTimings, type State, type Timings } from "./core/states.ts";
import { UnavailableError } from "./errors.ts";
import { Expiry } from "./expiry.ts";
import type { Health } from "./health.ts";
import { Hub } from "./hub/hub.ts";
import type { LaneLimits } from "./hub/lane.ts";
import { BrokerCounts, type BrokerGauges } from "./counts.ts";
import { acceptedData, type IngestOptions, namesOf, type Taken, takeOnce } from "./once.ts";
import { type Clock, continueClock, systemClock } from "./ports/clock.ts";
import { logger } from "./ports/log.ts";
import type { Store } from "./ports/store.ts";
import type { LogBounds } from "./protocol/cursor.ts";
import type { Message } from "./protocol/message.ts";
import type { AcceptedData, StateData } from "./protocol/types.ts";
import { memoryStore } from "./stores/memory.ts";
import { Truth } from "./truth.ts";

export type { MessageListener } from "./announcer.ts";
export type { Health, StoreProblem } from "./health.ts";
export type { IngestOptions } from "./once.ts";

/** Options of {@linkcode createBroker}. */
export interface BrokerOptions {
  /** Default: in memory, 4,096 messages or 8 MiB. */
  readonly store?: Store;
  /** Default: the clock of the runtime. */
  readonly clock?: Clock;
  /** Live sessions at most; for one more, the session that has been idle or unknown for longest is evicted. Default 10,000. */
  readonly maxSessions?: number;
  /** The pet that floaters show until another is chosen. Default: none. */
  readonly pet?: string | undefined;
  /** All states, strongest first. Default `DEFAULT_ORDER`. */
  readonly order?: readonly State[];
  /** How long states last, in milliseconds. What is left out keeps its default. */
  readonly timings?: Partial<Timings>;
  /** Limits of readers. What is left out keeps its default. */
  readonly readers?: Partial<LaneLimits>;
}

/** Where events go in, and where everything that is true now can be read. */
export interface Broker {
  /** All readers. */
  readonly hub: Hub;
  /** Wall-clock time at which the broker was made, in milliseconds since 1970. */
  readonly startedAt: number;
  /** The clock that all deadlines of this broker and its hub run on. */
  readonly clock: Clock;
  /** What has become of what was posted. */
  readonly counts: BrokerCounts;
  /**
   * Takes all events or none, in this order, without checking their form: parse what comes from outside. Returns once they are
   * kept and every reader is about to be told: at once, or as a promise where the store takes its time. It rejects as the store
   * does, and nothing has happened then.
   *
   * An event whose `id` was taken before, or a post whose `key` was, is not taken once more: the answer tells its place then.
   *
   * @throws {UnavailableError} `too_many_sessions`, or `shutting_down`.
   * @throws {ConflictError} 422 `key_reused`, or 409 `in_flight`.
   * @throws {StoreError} 507 `disk_full`, or 503 `store_failed`.
   */
  ingest(events: readonly AgentEvent[], options?: IngestOptions): AcceptedData | Promise<AcceptedData>;
  /** Chooses the pet that floaters show, and tells them even when it is the same. */
  switchPet(slug: string): void | Promise<void>;
  /** The pet; null before one was chosen. */
  pet(): string | null;
  /** The aggregate. */
  state(): StateData;
  /** The live sessions in the order in which they were first seen. */
  sessions(): Iterable<Session>;
  /** The live session of this id; undefined when there is none. */
  session(id: string): Session | undefined;
  /** How many sessions live now. */
  sessionCount(): number;
  /** The bounds of the log. */
  bounds(): LogBounds;
  /** The messages after `seq`, oldest first, at most `limit`. */
  read(seq: number, limit: number): readonly Message[];
  /** How the store is. */
  health(): Health;
  /** What waits now, and how large the log is. */
  gauges(): BrokerGauges;
  /** Calls `listener` with all messages of each commit; returns how to stop. A listener that throws stops nobody else. */
  onMessages(listener: MessageListener): () => void;
  /** Takes no more events, so that readers can be dismissed; they get what was taken before. */
  drain(): void;
  /** True from `drain` on. */
  isDraining(): boolean;
  /** Takes no more events, lets no more time pass, and closes the store. Readers are not told: see `dismissReaders`. */
  close(): Promise<void>;
}

/**
 * Makes a broker. It starts nothing but timers, which keep a process alive until `close()`.
 *
 * @throws {RangeError} If `maxSessions` is no positive integer, `order` does not name every state once, or a timing is not above 0.
 */
export function createBroker(options: BrokerOptions = {}): Broker {
  return new LocalBroker(options);
}

const shuttingDown = (): UnavailableError =>
  new UnavailableError("shutting_down", "The broker is shutting down: try again once it is back", 1);

class LocalBroker implements Broker {
  readonly hub: Hub;
  readonly startedAt: number;
  readonly clock: Clock;
  readonly counts: BrokerCounts = new BrokerCounts();
  readonly #store: Store;
  readonly #timings: Timings;
  readonly #maxSessions: number;
  readonly #announcer: Announcer;
  readonly #expiry: Expiry;
  readonly #commits: Commits;
  readonly #truth: Truth;
  #isDraining = false;
  #isClosed = false;

  constructor(options: BrokerOptions) {
    const { store = memoryStore(), clock = systemClock(), maxSessions = 10_000, pet, order, timings, readers } = options;
    if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
      throw new RangeError(`Cannot keep ${maxSessions} sessions: maxSessions must be a positive integer`);
    }
    const kept = store.load();
    this.#store = store;
    this.clock = kept === undefined ? clock : continueClock(clock, kept);
    this.startedAt = clock.wall();
    this.#commits = new Commits({
      store,
      clock: this.clock,
      counts: this.counts,
      begin: () => this.#begin(),
      apply: (batch) => this.#apply(batch),
    });
    this.#truth = new Truth(this.startedAt, pet, order, kept, store.bounds().head);
    this.#expiry = new Expiry(this.#truth.registry, this.clock, (due) => this.#lapse(due));
    this.#maxSessions = maxSessions;
    this.#timings = completeTimings(timings);
    const onCut = (reason: string) => logger("broker").info("reader cut: {reason}", { reason });
    this.hub = new Hub({ clock: this.clock, limits: readers ?? {}, onCut });
    this.#announcer = new Announcer(this.hub);
    this.#expiry.catchUp();
  }

  ingest(events: readonly AgentEvent[], options: IngestOptions = {}): AcceptedData | Promise<AcceptedData> {
    if (this.#isDraining) throw shuttingDown();
    this.#commits.refuseInFlight(() => namesOf(events, options));
    const answer = (taken: Taken): AcceptedData => {
      this.counts.duplicates += events.length - taken.accepted;
      return acceptedData(taken, this.bounds());
    };
    const taken = this.#commits.take(events.length, (batch) => takeOnce(batch, events, options));
    return taken instanceof Promise ? taken.then(answer) : answer(taken);
  }

  switchPet(slug: string): void | Promise<void> {
    if (this.#isDraining) throw shuttingDown();
    return this.#commits.take(1, (batch) => batch.switchPet(slug));
  }

  pet(): string | null {
    return this.#truth.pet;
  }

  state(): StateData {
    return this.#truth.state;
  }

  sessions(): Iterable<Session> {
    return this.#truth.registry.sessions();
  }

  session(id: string): Session | undefined {
    return this.#truth.registry.get(id);
  }

  sessionCount(): number {
    return this.#truth.registry.size;
  }

  bounds(): LogBounds {
    return { ...this.#store.bounds(), head: this.#truth.head };
  }

  read(seq: number, limit: number): readonly Message[] {
    return this.#store.read(seq, Math.min(limit, Math.max(0, this.#truth.head - seq)));
  }

  health(): Health {
    return this.#commits.health();
  }

  gauges(): BrokerGauges {
    return { ...this.#commits.gauges(), store: this.#store.size?.() ?? {} };
  }

  onMessages(listener: MessageListener): () => void {
    return this.#announcer.listen(listener);
  }

  drain(): void {
    this.#isDraining = true;
  }

  isDraining(): boolean {
    return this.#isDraining;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.drain();
    this.#isClosed = true;
    this.#expiry.stop();
    this.hub.close();
    await this.#commits.end();
    await this.#store.close();
  }

  #lapse(due: readonly Session[]): void | Promise<void> {
    return this.#commits.takeAlone((batch) => {
      for (const session of due) if (this.#truth.registry.get(session.id) === session) batch.expire(session);
    });
  }

  #begin(): Batch {
    return new Batch({
      ...this.#truth.base(),
      head: this.#store.bounds().head,
      now: this.clock.now(),
      at: this.clock.wall(),
      timings: this.#timings,
      maxSessions: this.#maxSessions,
      receipt: (key) => this.#store.receipt(key),
    });
  }

  #apply(batch: Batch): void {
    this.#truth.apply(batch);
    this.#expiry.update();
    this.counts.taken(batch.messages);
    this.#announcer.announce(batch.messages);
  }
}
