/** Fan-out: takes messages from the broker, hands them to every reader, and lets no reader hold up anything. @module */

import type { Clock } from "../ports/clock.ts";
import { logger } from "../ports/log.ts";
import type { Message } from "../protocol/message.ts";
import type { Dialect } from "./dialect.ts";
import { type Doomed, Lane, type LaneLimits, type Pump } from "./lane.ts";
import { DEFAULT_QUEUE_LIMITS } from "./lane-queue.ts";
import { HubCounts, type HubGauges, noGauges } from "./counts.ts";
import { type Cut, DEFAULT_READER_LIMITS, type Ending } from "./reader.ts";
import type { Framing, Sink } from "./sink.ts";

const log = logger("hub");

/** How often connections are looked after, in milliseconds. */
const CHECK_MS = 1_000;

/** How often readers that are behind are tried again, in milliseconds. */
const RETRY_MS = 50;

/** A reader that was cut and has not taken its end is ended at once after this, in milliseconds. */
const END_MS = 10_000;

/** In how many steps readers are dismissed. */
const DISMISS_STEPS = 20;

/** Options of {@linkcode Hub}. */
export interface HubOptions {
  readonly clock: Clock;
  readonly limits?: Partial<LaneLimits>;
  /** Told of every reader that was cut, and why. */
  readonly onCut?: (reason: string) => void;
}

/** A reader that has been told everything up to now and gets what comes. */
export interface Subscription {
  /** Ends the subscription, not the connection. May be called twice. */
  end(): void;
}

/** The readers of one framing. */
export interface Channel<Payload> {
  /** Adds a reader: it is told `texts` at once, and from here on all that is published, until `ending` says why not. */
  subscribe(dialect: Dialect, sink: Sink<Payload>, texts: readonly string[], ending?: Ending): Subscription;
}

/** All readers. */
export class Hub {
  /** What holds for every reader. */
  readonly limits: LaneLimits;
  /** What has become of readers. */
  readonly counts: HubCounts = new HubCounts();
  readonly #clock: Clock;
  readonly #onCut: (reason: string) => void;
  readonly #general = new Set<Pump>();
  readonly #bySession = new Map<string, Set<Pump>>();
  readonly #dirty = new Set<Pump>();
  #doomed: { readonly sink: Doomed; readonly at: number }[] = [];
  #size = 0;
  #isFlushing = false;
  #cancelCheck: (() => void) | undefined;
  #cancelRetry: (() => void) | undefined;

  /** A hub without readers; no timer runs before the first. */
  constructor({ clock, limits, onCut = () => {} }: HubOptions) {
    this.#clock = clock;
    this.#onCut = onCut;
    this.limits = { ...DEFAULT_QUEUE_LIMITS, ...DEFAULT_READER_LIMITS, ...limits };
  }

  /** How many readers there are. */
  get size(): number {
    return this.#size;
  }

  /** Opens a channel for readers of one framing. */
  channel<Payload>(framing: Framing<Payload>): Channel<Payload> {
    const lanes = new Map<string, Lane<Payload>>();
    return {
      subscribe: (dialect, sink, texts, ending) => {
        let lane = lanes.get(dialect.name);
        if (lane === undefined) {
          const left = (): void => {
            this.#size -= 1;
            log.debug("a reader went: {reader}, {count} left", { reader: dialect.name, count: this.#size });
            if (lane?.size === 0) {
              lanes.delete(dialect.name);
              this.#close(lane);
            }
          };
          const cut = (reason: string, sink: Doomed): void => this.#doom(reason, sink);
          lane = new Lane(dialect, framing, this.limits, { cut, left }, this.counts);
          lanes.set(dialect.name, lane);
          this.#open(lane);
        }
        return this.#add(lane, sink, texts, ending);
      },
    };
  }

  /** What all readers have waiting now: a walk over them. */
  gauges(): HubGauges {
    const byTransport = new Map<string, ReturnType<typeof noGauges>>();
    for (const lane of this.#lanes()) {
      const { transport } = lane.dialect;
      const gauges = byTransport.get(transport) ?? noGauges();
      lane.addTo(gauges);
      byTransport.set(transport, gauges);
    }
    return { byTransport, ending: this.#doomed.length };
  }

  /** Tells every reader that wants to know. Nothing is written before the caller has returned. */
  publish(messages: readonly Message[]): void {
    if (this.#size === 0) return;
    for (const message of messages) {
      for (const lane of this.#general) if (lane.publish(message)) this.#dirty.add(lane);
      if (this.#bySession.size > 0) this.#publishToSessionLanes(message);
    }
    this.#schedule();
  }

  /** Tells the readers of one dialect something that is not in the log. */
  publishText(dialectName: string, text: string): void {
    for (const lane of this.#general) {
      if (lane.dialect.name !== dialectName) continue;
      lane.publishText(text);
      this.#dirty.add(lane);
    }
    this.#schedule();
  }

  /**
   * Tells each reader a last text, if there is one, and ends its connection, spread over `spreadMs` so that they do not all
   * come back at once.
   * Resolves when the last one has been told.
   */
  async dismissAll(textFor: (dialect: Dialect) => string | undefined, cut: Cut, spreadMs: number): Promise<void> {
    const perStep = Math.ceil(this.#size / DISMISS_STEPS);
    for (let lanes = this.#lanes(); lanes.length > 0;) {
      let left = perStep;
      for (const lane of lanes) {
        if (left > 0) left -= lane.dismiss(left, textFor(lane.dialect), cut, this.#clock.now());
      }
      lanes = lanes.filter((lane) => lane.size > 0);
      if (lanes.length === 0) return;
      await new Promise<void>((resolve) => void this.#clock.after(spreadMs / DISMISS_STEPS, resolve));
    }
  }

  /** Stops all timers. */
  close(): void {
    this.#cancelCheck?.();
    this.#cancelRetry?.();
  }

  #add<Payload>(lane: Lane<Payload>, sink: Sink<Payload>, texts: readonly string[], ending?: Ending): Subscription {
    const reader = lane.add(sink, texts, this.#clock.now(), ending);
    this.#size += 1;
    this.counts.joined.add(lane.dialect.transport);
    log.debug("a reader came: {reader}, {count} now", { reader: lane.dialect.name, count: this.#size });
    this.#cancelCheck ??= this.#clock.after(CHECK_MS, () => this.#check(this.#lanes()));
    return { end: () => lane.remove(reader) };
  }

  #open(lane: Pump): void {
    const id = lane.dialect.sessionId;
    if (id === undefined) {
      this.#general.add(lane);
      return;
    }
    const lanes = this.#bySession.get(id);
    if (lanes === undefined) this.#bySession.set(id, new Set([lane]));
    else lanes.add(lane);
  }

  #close(lane: Pump): void {
    this.#general.delete(lane);
    this.#dirty.delete(lane);
    const id = lane.dialect.sessionId;
    const lanes = id === undefined ? undefined : this.#bySession.get(id);
    lanes?.delete(lane);
    if (id !== undefined && lanes?.size === 0) this.#bySession.delete(id);
  }

  #lanes(): Pump[] {
    return [...this.#general, ...[...this.#bySession.values()].flatMap((lanes) => [...lanes])];
  }

  /** A message about one session reaches only the lanes of that session; one about all of them reaches every lane. */
  #publishToSessionLanes(message: Message): void {
    const lanes = message.sessionId === undefined ? this.#lanes() : this.#bySession.get(message.sessionId) ?? [];
    for (const lane of lanes) {
      if (lane.dialect.sessionId !== undefined && lane.publish(message)) this.#dirty.add(lane);
    }
  }

  #schedule(): void {
    if (this.#isFlushing || this.#dirty.size === 0) return;
    this.#isFlushing = true;
    this.#clock.defer(() => this.#flush());
  }

  #flush(): void {
    const now = this.#clock.now();
    const isTimeUp = this.#clock.slice();
    for (const lane of this.#dirty) {
      this.#dirty.delete(lane);
      if (!lane.pump(now, isTimeUp)) {
        // To the end of the line, so that a busy lane does not keep the others from their turn.
        this.#dirty.add(lane);
        return this.#clock.defer(() => this.#flush());
      }
      if (lane.isAnyBehind) this.#cancelRetry ??= this.#clock.after(RETRY_MS, () => this.#retry());
    }
    this.#isFlushing = false;
  }

  #doom(reason: string, sink: Doomed): void {
    this.#doomed.push({ sink, at: this.#clock.now() + END_MS });
    this.counts.cut.add(reason);
    this.#onCut(reason);
  }

  #endDoomed(now: number): void {
    const due = this.#doomed.filter(({ at }) => at <= now);
    this.#doomed = this.#doomed.filter(({ at }) => at > now);
    for (const { sink } of due) sink.destroy();
  }

  #retry(): void {
    this.#cancelRetry = undefined;
    for (const lane of this.#lanes()) if (lane.isAnyBehind) this.#dirty.add(lane);
    this.#schedule();
  }

  #check(lanes: Pump[]): void {
    const now = this.#clock.now();
    const isTimeUp = this.#clock.slice();
    for (const [index, lane] of lanes.entries()) {
      if (!lane.check(now, isTimeUp)) return this.#clock.defer(() => this.#check(lanes.slice(index)));
    }
    this.#endDoomed(now);
    const isIdle = this.#size === 0 && this.#doomed.length === 0;
    this.#cancelCheck = isIdle ? undefined : this.#clock.after(CHECK_MS, () => this.#check(this.#lanes()));
  }
}
