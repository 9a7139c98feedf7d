/** What one commit changes: messages for the log, and the sessions and the aggregate after it. Nothing is changed before. @module */

import { type Aggregate, moveSession } from "./core/aggregate.ts";
import type { AgentEvent, StampedEvent } from "./core/events.ts";
import { expire } from "./core/expire.ts";
import type { Registry } from "./core/registry.ts";
import type { Because, Rule, Session } from "./core/session.ts";
import type { Timings } from "./core/states.ts";
import { transition } from "./core/transition.ts";
import { UnavailableError } from "./errors.ts";
import { compareSessions, describeState } from "./protocol/describe.ts";
import { Message } from "./protocol/message.ts";
import type { Commit, Receipt } from "./ports/store.ts";
import type { GoneReason, StateData } from "./protocol/types.ts";

/** Where a batch starts from. */
export interface BatchBase {
  readonly registry: Registry;
  readonly aggregate: Aggregate;
  /** The aggregate as last described. */
  readonly stateData: StateData;
  readonly head: number;
  /** Steady clock. */
  readonly now: number;
  /** Wall clock. */
  readonly at: number;
  readonly timings: Timings;
  readonly maxSessions: number;
  /** What was posted before under a key. */
  readonly receipt: (key: string) => Receipt | undefined;
}

const NO_RECEIPTS: readonly Receipt[] = [];

/** Collects the changes of one commit. Within it, each change sees those before it. */
export class Batch implements Commit {
  readonly messages: Message[] = [];
  readonly #base: BatchBase;
  readonly #changed = new Map<string, Session>();
  readonly #forgotten = new Set<string>();
  #aggregate: Aggregate;
  #stateData: StateData;
  #head: number;
  #size: number;
  #pet: string | undefined;
  #receipts: readonly Receipt[] = NO_RECEIPTS;

  constructor(base: BatchBase) {
    this.#base = base;
    this.#aggregate = base.aggregate;
    this.#stateData = base.stateData;
    this.#head = base.head;
    this.#size = base.registry.size;
  }

  /** The place of its last message. */
  get head(): number {
    return this.#head;
  }

  get now(): number {
    return this.#base.now;
  }

  get at(): number {
    return this.#base.at;
  }

  /** True when nothing has changed and nothing is to be kept. */
  get isEmpty(): boolean {
    return this.messages.length === 0 && this.#receipts.length === 0 && this.#changed.size === 0;
  }

  get receipts(): readonly Receipt[] {
    return this.#receipts;
  }

  /** The sessions that differ after this batch, in the order in which they are new. */
  get sessions(): Iterable<Session> {
    return this.#changed.values();
  }

  get aggregate(): Aggregate {
    return this.#aggregate;
  }

  get stateData(): StateData {
    return this.#stateData;
  }

  /** The pet that was chosen; undefined when none was. */
  get pet(): string | undefined {
    return this.#pet;
  }

  /** The sessions that are forgotten, by id, before the changed ones are there: one may be both, and is new then. */
  get forgotten(): ReadonlySet<string> {
    return this.#forgotten;
  }

  /**
   * Takes an event and returns its place in the log.
   *
   * @throws {UnavailableError} `too_many_sessions` if it begins a session, the limit is reached and no session is quiet.
   */
  take(event: AgentEvent, plain: boolean): number {
    const { now, at, timings } = this.#base;
    const before = this.#session(event.sessionId);
    if (before === undefined) this.#makeRoom();
    const data: StampedEvent = { ...event, seq: ++this.#head, receivedAt: at, plain: plain ? true : undefined };
    const message = new Message(data.seq, { type: "event", data }, data.sessionId);
    this.messages.push(message);
    const step = transition(before, data, now, timings);
    this.#change(before, step.session, step.rule, data.sessionId);
    return message.seq;
  }

  /** What was posted under `key`, before or in this batch. */
  receipt(key: string): Receipt | undefined {
    return this.#receipts.find((receipt) => receipt.key === key) ?? this.#base.receipt(key);
  }

  /** Keeps in mind what was posted under a key. */
  note(receipt: Receipt): void {
    this.#receipts = [...this.#receipts, receipt];
  }

  /** Lets time act on a session that is due. */
  expire(session: Session): void {
    const { now, at, timings } = this.#base;
    const step = expire(session, now, at, timings);
    this.#change(session, step.session, step.rule, session.id);
  }

  /** Notes that floaters show another pet, or the same one once more. */
  switchPet(slug: string): void {
    this.#pet = slug;
    this.messages.push(new Message(++this.#head, { type: "pet", data: { slug } }));
  }

  #session(id: string): Session | undefined {
    return this.#changed.get(id) ?? (this.#forgotten.has(id) ? undefined : this.#base.registry.get(id));
  }

  #makeRoom(): void {
    const { registry, maxSessions } = this.#base;
    if (this.#size < maxSessions) return;
    for (const id of registry.quietIds()) {
      const session = registry.get(id);
      if (session === undefined || this.#changed.has(id) || this.#forgotten.has(id)) continue;
      this.#forget(session, "evicted");
      return;
    }
    const detail = `All ${maxSessions} sessions are at work, so there is no room for another: raise --max-sessions`;
    throw new UnavailableError("too_many_sessions", detail, 30);
  }

  #change(before: Session | undefined, after: Session | undefined, rule: Rule, id: string): void {
    if (after === undefined) {
      if (before !== undefined) this.#forget(before, rule === "session.ended" ? "ended" : "silent");
      return;
    }
    if (before === undefined) this.#size += 1;
    this.#changed.set(id, after);
    const difference = compareSessions(before, after);
    if (difference === "same") return;
    this.messages.push(new Message(++this.#head, { type: "session", session: after }, id, difference === "details"));
    this.#move(before, after, after.because);
  }

  #forget(session: Session, reason: GoneReason): void {
    this.#size -= 1;
    this.#changed.delete(session.id);
    this.#forgotten.add(session.id);
    this.messages.push(new Message(++this.#head, { type: "session.gone", data: { id: session.id, reason } }, session.id));
    const rule = reason === "ended" ? "session.ended" : "forgotten";
    this.#move(session, undefined, { ...session.because, source: "clock", at: this.#base.at, rule });
  }

  #move(before: Session | undefined, after: Session | undefined, reason: Because): void {
    const next = moveSession(this.#aggregate, before?.state, after?.state);
    if (next === this.#aggregate) return;
    const same = next.state === this.#aggregate.state;
    this.#aggregate = next;
    const sessionId = after?.id ?? before?.id ?? "";
    const because = same ? this.#stateData.because : { ...reason, sessionId };
    this.#stateData = describeState(next, same ? this.#stateData.since : this.#base.at, because);
    this.messages.push(new Message(++this.#head, { type: "state", data: this.#stateData }));
  }
}
