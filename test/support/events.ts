/** Events, and lives of sessions that the real rules lead. @module */

import fc from "fast-check";
import { type AgentEvent, EVENT_KINDS, type EventKind, type StampedEvent } from "../../src/core/events.ts";
import { expire } from "../../src/core/expire.ts";
import type { Session, Step } from "../../src/core/session.ts";
import { DEFAULT_TIMINGS, type State, type Timings } from "../../src/core/states.ts";
import { transition } from "../../src/core/transition.ts";

/** The wall clock of a {@linkcode Life} at its start. */
export const WALL: number = Date.UTC(2030, 0, 1);

/** All that an event may carry beside its kind. */
export type Fields = Partial<Omit<StampedEvent, "kind">>;

/** An event of session `s` that says nothing but its kind and `fields`. */
export function agentEvent(kind: EventKind, fields: Partial<AgentEvent> = {}): AgentEvent {
  return { sessionId: "s", ...fields, kind };
}

/** The same as the broker stamps it: place 1, at {@linkcode WALL}. */
export function stamped(kind: EventKind, fields: Fields = {}): StampedEvent {
  return { sessionId: "s", seq: 1, receivedAt: WALL, ...fields, kind };
}

/** What a session showed, and from when on; `gone` once it is forgotten. */
export type Shown = readonly [at: number, state: State | "gone"];

/** One session from its first event to the end: events act at their time, and time acts exactly when something is due. */
export class Life {
  /** Undefined before the first event and once it is forgotten. */
  session: Session | undefined;
  /** The last event or deadline that acted. */
  step: Step | undefined;
  readonly shown: Shown[] = [];
  readonly timings: Timings;
  readonly #isPlain: boolean;
  #now = 0;
  #seq = 0;

  private constructor(isPlain: boolean, timings: Partial<Timings>) {
    this.#isPlain = isPlain;
    this.timings = { ...DEFAULT_TIMINGS, ...timings };
  }

  /** A session whose events come from the v1 surface, unless they say otherwise. */
  static v1(timings: Partial<Timings> = {}): Life {
    return new Life(false, timings);
  }

  /** A session whose events come from the v0 surface. */
  static plain(timings: Partial<Timings> = {}): Life {
    return new Life(true, timings);
  }

  /** The session; throws once it is forgotten. */
  get alive(): Session {
    if (this.session === undefined) throw new Error("The session is forgotten");
    return this.session;
  }

  get state(): State | "gone" {
    return this.session?.state ?? "gone";
  }

  /** Lets time pass until `at`, and an event happen then. */
  at(at: number, kind: EventKind, fields: Fields = {}): this {
    this.until(at);
    this.#seq += 1;
    const event = stamped(kind, { plain: this.#isPlain, seq: this.#seq, receivedAt: WALL + at, ...fields });
    return this.#take(transition(this.session, event, at, this.timings));
  }

  /** Lets time pass until `at`, deadline by deadline. */
  until(at: number): this {
    while (this.session !== undefined && this.session.deadline <= at) {
      this.#now = this.session.deadline;
      this.#take(expire(this.session, this.#now, WALL + this.#now, this.timings));
    }
    this.#now = at;
    return this;
  }

  /** Lets time alone act until the session is forgotten. */
  untilGone(): this {
    while (this.session !== undefined) this.until(this.session.deadline);
    return this;
  }

  #take(step: Step): this {
    this.step = step;
    this.session = step.session;
    if (this.shown.at(-1)?.[1] !== this.state) this.shown.push([this.#now, this.state]);
    return this;
  }
}

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

/** Any event of a few sessions, tools and tool calls, so that they meet often. */
export const anyEvent: fc.Arbitrary<AgentEvent> = fc.record({
  kind: fc.constantFrom(...EVENT_KINDS),
  sessionId: fc.constantFrom("a", "b", "c"),
  occurredAt: maybe(fc.double({ noNaN: true, noDefaultInfinity: true })),
  source: maybe(fc.constantFrom("hook", "process", "transcript", "client")),
  toolUseId: maybe(fc.constantFrom("call-1", "call-2", "call-3")),
  tool: maybe(fc.constantFrom("bash", "edit")),
  ok: maybe(fc.boolean()),
  exitCode: maybe(fc.constantFrom(0, 1)),
  title: maybe(fc.constantFrom("Fix it", "Break it")),
});

/** Time between two events: mostly around the times at which something ends. */
export const anyPause: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1, 999, 1_000, 1_500, 1_999, 2_000, 2_500, 29_999, 30_000, 600_000, 1_800_000, 86_400_000),
  fc.nat(3_000),
  fc.nat(2_000_000),
);

/** One thing that happens to a session or a broker: time passes, then an event comes in. */
export interface Happening {
  readonly pause: number;
  readonly event: AgentEvent;
  readonly plain: boolean;
}

/** Up to `maxLength` things that happen; `plain` decides the surface when given. */
export function happenings(maxLength: number, plain?: boolean): fc.Arbitrary<Happening[]> {
  const surface = plain === undefined ? fc.boolean() : fc.constant(plain);
  return fc.array(fc.record({ pause: anyPause, event: anyEvent, plain: surface }), { maxLength });
}
