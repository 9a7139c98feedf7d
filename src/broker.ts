/** The broker: joins the pure core with the store, the clock and the hub. Nothing else does. @module */

import { type Aggregate, emptyAggregate } from "./core/aggregate.ts";
import { Announcer, type MessageListener } from "./announcer.ts";
import { Batch } from "./batch.ts";
import type { AgentEvent } from "./core/events.ts";
import { Registry } from "./core/registry.ts";
import type { Session } from "./core/session.ts";
import { completeTimings, type State, type Timings } from "./core/states.ts";
import { UnavailableError } from "./errors.ts";
import { Expiry } from "./expiry.ts";
import { Hub } from "./hub/hub.ts";
import type { LaneLimits } from "./hub/lane.ts";
import { type Clock, systemClock } from "./ports/clock.ts";
import { logger } from "./ports/log.ts";
import type { Store } from "./ports/store.ts";
import { formatCursor, type LogBounds } from "./protocol/cursor.ts";
import { describeState } from "./protocol/describe.ts";
import type { Message } from "./protocol/message.ts";
import type { AcceptedData, StateData } from "./protocol/types.ts";
import { memoryStore } from "./stores/memory.ts";
import { Turns } from "./turns.ts";

export type { MessageListener } from "./announcer.ts";

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
  /**
   * Takes all events or none, in this order, without checking their form: parse what comes from outside. Returns once they are
   * kept and every reader is about to be told: at once, or as a promise where the store takes its time. It rejects as the store
   * does, and nothing has happened then.
   *
   * @param plain True for events of the v0 surface. Default false.
   * @throws {UnavailableError} `too_many_sessions`, or `shutting_down`.
   */
  ingest(events: readonly AgentEvent[], plain?: boolean): AcceptedData | Promise<AcceptedData>;
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
  readonly #store: Store;
  readonly #timings: Timings;
  readonly #maxSessions: number;
  readonly #registry = new Registry();
  readonly #announcer: Announcer;
  readonly #log = logger("broker");
  readonly #expiry: Expiry;
  readonly #turns = new Turns();
  #aggregate: Aggregate;
  #stateData: StateData;
  #pet: string | null;
  /** The store is ahead of this between keeping a batch and its being true: readers that join then are told of it soon enough. */
  #head: number;
  #isDraining = false;
  #isClosed = false;

  constructor(
    { store = memoryStore(), clock = systemClock(), maxSessions = 10_000, pet, order, timings, readers }: BrokerOptions,
  ) {
    if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
      throw new RangeError(`Cannot keep ${maxSessions} sessions: maxSessions must be a positive integer`);
    }
    this.#store = store;
    this.#head = store.bounds().head;
    this.clock = clock;
    this.startedAt = clock.wall();
    this.#expiry = new Expiry(this.#registry, clock, (due) => this.#lapse(due));
    this.#maxSessions = maxSessions;
    this.#pet = pet ?? null;
    this.#timings = completeTimings(timings);
    this.#aggregate = emptyAggregate(order);
    this.#stateData = describeState(this.#aggregate, this.startedAt, undefined);
    const onCut = (reason: string) => this.#log.info("reader cut: {reason}", { reason });
    this.hub = new Hub({ clock, limits: readers ?? {}, onCut });
    this.#announcer = new Announcer(this.hub);
  }

  ingest(events: readonly AgentEvent[], plain = false): AcceptedData | Promise<AcceptedData> {
    if (this.#isDraining) throw shuttingDown();
    const accepted = (seqs: readonly number[]): AcceptedData => {
      const { epoch, head } = this.bounds();
      return { accepted: events.length, seqs, cursor: formatCursor(epoch, head) };
    };
    const kept = this.#commit((batch) => events.map((event) => batch.take(event, plain)));
    return kept instanceof Promise ? kept.then(accepted) : accepted(kept);
  }

  switchPet(slug: string): void | Promise<void> {
    if (this.#isDraining) throw shuttingDown();
    return this.#commit((batch) => batch.switchPet(slug));
  }

  pet(): string | null {
    return this.#pet;
  }

  state(): StateData {
    return this.#stateData;
  }

  sessions(): Iterable<Session> {
    return this.#registry.sessions();
  }

  session(id: string): Session | undefined {
    return this.#registry.get(id);
  }

  sessionCount(): number {
    return this.#registry.size;
  }

  bounds(): LogBounds {
    return { ...this.#store.bounds(), head: this.#head };
  }

  read(seq: number, limit: number): readonly Message[] {
    return this.#store.read(seq, Math.min(limit, Math.max(0, this.#head - seq)));
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
    await this.#turns.end();
    await this.#store.close();
  }

  #lapse(due: readonly Session[]): void | Promise<void> {
    return this.#commit((batch) => {
      for (const session of due) if (this.#registry.get(session.id) === session) batch.expire(session);
    });
  }

  /** Each commit starts from what the one before has made true. */
  #commit<Result>(fill: (batch: Batch) => Result): Result | Promise<Result> {
    return this.#turns.take(() => this.#keep(fill));
  }

  /** Keeps a batch, and only then makes it true and tells of it. */
  #keep<Result>(fill: (batch: Batch) => Result): Result | Promise<Result> {
    const batch = this.#begin();
    const result = fill(batch);
    const apply = (): Result => (this.#apply(batch), result);
    return this.#store.append(batch.messages)?.then(apply) ?? apply();
  }

  #begin(): Batch {
    return new Batch({
      registry: this.#registry,
      aggregate: this.#aggregate,
      stateData: this.#stateData,
      head: this.#store.bounds().head,
      now: this.clock.now(),
      at: this.clock.wall(),
      timings: this.#timings,
      maxSessions: this.#maxSessions,
    });
  }

  #apply(batch: Batch): void {
    for (const id of batch.forgotten) this.#registry.remove(id);
    for (const session of batch.changed.values()) this.#registry.put(session);
    this.#aggregate = batch.aggregate;
    this.#stateData = batch.stateData;
    this.#pet = batch.pet ?? this.#pet;
    this.#head = batch.messages.at(-1)?.seq ?? this.#head;
    this.#expiry.update();
    this.#announcer.announce(batch.messages);
  }
}
