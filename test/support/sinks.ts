/** What tests of the hub put round it: messages, words to tell them in, and readers' connections. @module */

import { newSession } from "../../src/core/session.ts";
import type { Dialect } from "../../src/hub/dialect.ts";
import type { Framing, Sink } from "../../src/hub/sink.ts";
import { Message } from "../../src/protocol/message.ts";
import { stamped } from "./events.ts";

/** The payload of {@linkcode CountingFraming}. */
export type Texts = readonly string[];

/** Frames each text as a list of one, and counts. */
export class CountingFraming implements Framing<Texts> {
  readonly name = "texts";
  /** How many texts were framed. */
  frames = 0;
  /** How many payloads were joined from several. */
  joins = 0;

  frame(text: string): Texts {
    this.frames += 1;
    return [text];
  }

  join(payloads: readonly Texts[]): Texts {
    this.joins += 1;
    return payloads.flat();
  }
}

/** A connection that takes everything at once, until it is told to stall: then a backlog grows by one for each character. */
export class FakeSink implements Sink<Texts> {
  readonly framing: Framing<Texts>;
  /** The very objects that were written. */
  readonly payloads: Texts[] = [];
  /** Each `close`, as `code reason`. */
  readonly closed: string[] = [];
  destroyed = 0;
  backlog = 0;
  isStalled = false;
  /** Called within each write. */
  onWrite: () => void = () => {};

  constructor(framing: Framing<Texts> = new CountingFraming()) {
    this.framing = framing;
  }

  /** All texts that were written, in order. */
  get texts(): string[] {
    return this.payloads.flat();
  }

  /** The texts since the last call. */
  news(): string[] {
    const { texts } = this;
    const news = texts.slice(this.#seen);
    this.#seen = texts.length;
    return news;
  }

  write(payload: Texts): void {
    this.payloads.push(payload);
    if (this.isStalled) this.backlog += payload.join("").length;
    this.onWrite();
  }

  close(code: number, reason: string): void {
    this.closed.push(`${code} ${reason}`);
  }

  destroy(): void {
    this.destroyed += 1;
  }

  /** Takes the whole backlog, and everything that comes. */
  drain(): void {
    this.isStalled = false;
    this.backlog = 0;
  }

  #seen = 0;
}

/** A connection that must be pinged. */
export class PingedSink extends FakeSink {
  /** What was waiting for a pong at each ping. */
  readonly pings: (() => void)[] = [];

  ping(onPong: () => void): void {
    this.pings.push(onPong);
  }
}

/** How {@linkcode plainDialect} differs from its defaults. */
export type DialectChanges = Partial<Dialect>;

/** Tells each message as its key and number, e.g. `pet 3`, and with ` +2` when two older ones were left out. */
export function plainDialect(changes: DialectChanges = {}): Dialect {
  return {
    name: "plain",
    transport: "ws",
    canRestart: true,
    text: (message, conflated) => `${message.key ?? "event"} ${message.seq}${conflated === 0 ? "" : ` +${conflated}`}`,
    restart: () => ["restart"],
    ...changes,
  };
}

/** A message of the pet: all of them have one key. */
export function petMessage(seq: number): Message {
  return new Message(seq, { type: "pet", data: { slug: `pet-${seq}` } });
}

/** A message of one session: those of one session have one key. */
export function sessionMessage(seq: number, id: string): Message {
  const session = newSession(stamped("session.update", { sessionId: id, seq }), 1);
  return new Message(seq, { type: "session", session }, id);
}

/** A message that an event was taken: none has a key. */
export function eventMessage(seq: number, id = "a"): Message {
  return new Message(seq, { type: "event", data: stamped("tool.start", { sessionId: id, seq }) }, id);
}
