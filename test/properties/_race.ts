/** A broker, readers that join at any moment, and every step of its work in the hand of a test. @module */

import { createParser } from "eventsource-parser";
import { setImmediate as turn } from "node:timers/promises";
import * as assert from "uvu/assert";
import { createApp, type Upgrade } from "../../src/app.ts";
import { type Broker, createBroker } from "../../src/broker.ts";
import type { Rate } from "../../src/core/rate-limiter.ts";
import type { AgentEvent } from "../../src/core/events.ts";
import type { Store } from "../../src/ports/store.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { EPOCH, request } from "../support/app.ts";
import { EVERYTHING } from "../support/facts.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { at, listAt } from "../support/json.ts";
import { ALL_TOPICS } from "../support/log.ts";
import { FakeWebSocket } from "../support/web-socket.ts";
import { parseFrame } from "../support/ws-reader.ts";

/** A clock whose slices are over at once, and whose deferred tasks run one by one. */
class StepClock extends FakeClock {
  readonly #tasks: (() => void)[] = [];

  override defer(task: () => void): void {
    this.#tasks.push(task);
  }

  override slice(): () => boolean {
    return () => true;
  }

  /** Runs the task that waits for longest; false when none does. */
  step(): boolean {
    const task = this.#tasks.shift();
    task?.();
    return task !== undefined;
  }
}

/** Thousands of readers join here within no time at all. */
const NO_LIMIT: Rate = { perSecond: Infinity, burst: 1 };

/** A message of the log. */
interface Line {
  readonly type: string;
  readonly text: string;
}

/** A message as a reader got it, its data byte for byte. */
interface Told extends Line {
  readonly id: string | undefined;
}

/** A reader and everything that it was told. */
interface RaceReader {
  readonly name: string;
  told(): Told[];
}

/** What makes a store take its time: resolves when what it was asked to append may be kept. */
type Gate = () => Promise<void>;

/** A store in memory that keeps only once its gate has opened. */
function gatedStore(gate: Gate): Store {
  const memory = memoryStore({ epoch: EPOCH });
  const append: Store["append"] = async (messages) => {
    await gate();
    await memory.append(messages);
  };
  return new Proxy(memory, {
    get(target, name) {
      if (name === "append") return append;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** See the module. */
export class Race {
  /** How many streams have started, or started anew; known in the end. */
  joins = 0;
  readonly #clock = new StepClock();
  readonly #broker: Broker;
  readonly #app: ReturnType<typeof createApp>;
  readonly #readers: RaceReader[] = [];
  readonly #sockets: FakeWebSocket[] = [];
  readonly #waiting: (() => void)[] = [];
  #events = 0;

  /** @param isSlow True for a store that keeps when it is told to. */
  constructor(isSlow: boolean) {
    const gate: Gate = () => new Promise((resolve) => void this.#waiting.push(resolve));
    const store = isSlow ? gatedStore(gate) : memoryStore({ epoch: EPOCH });
    this.#broker = createBroker({ clock: this.#clock, store });
    const upgradeWebSocket: Upgrade = (createEvents) => (c) => {
      this.#addSocket(new FakeWebSocket(createEvents(c)), c.req.url);
      return Promise.resolve(c.text("upgraded"));
    };
    this.#app = createApp({ broker: this.#broker, upgradeWebSocket, access: () => EVERYTHING, rates: { streams: NO_LIMIT } });
  }

  publish(event: AgentEvent): void {
    const kept = this.#broker.ingest([{ ...event, activity: `event ${this.#events += 1}` }]);
    if (kept instanceof Promise) kept.catch(assert.unreachable);
  }

  /** The store keeps what it was asked to keep first. */
  keep(): void {
    this.#waiting.shift()?.();
  }

  /** One piece of the fan-out. */
  step(): boolean {
    return this.#clock.step();
  }

  /** What has waited for longest for a promise goes on. */
  async breathe(): Promise<void> {
    await Promise.resolve();
  }

  /** Opens an event stream. */
  joinSse(number: number): void {
    const since = this.#cursor(number);
    const told: Told[] = [];
    const parser = createParser({
      onEvent: ({ event = "", id, data }) => told.push({ type: event, id, text: data }),
    });
    this.#readers.push({ name: `SSE from ${since}`, told: () => told });
    const read = async (): Promise<void> => {
      const headers: Record<string, string> = since === undefined ? {} : { "last-event-id": since };
      const response = await request(this.#app, `GET /events?topics=${ALL_TOPICS}`, { headers });
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) parser.feed(decoder.decode(chunk, { stream: true }));
    };
    read().catch(assert.unreachable);
  }

  /** Opens a WebSocket. */
  joinWs(number: number): void {
    const since = this.#cursor(number);
    const query = since === undefined ? "" : `&since=${since}`;
    const headers = { connection: "upgrade", upgrade: "websocket" };
    request(this.#app, `GET /v1/ws?topics=${ALL_TOPICS}${query}`, { headers }).catch(assert.unreachable);
  }

  /** Starts the stream of some socket anew. */
  resume(number: number): void {
    const socket = this.#sockets[number % Math.max(1, this.#sockets.length)];
    socket?.receive(JSON.stringify({ type: "resume", since: this.#cursor(number) ?? "" }));
  }

  /** Lets everything that has begun come to its end, and fails where a reader was told anything but the log from where it began. */
  async finish(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await turn();
      this.#clock.advance(50);
      while (this.#waiting.length > 0) {
        this.keep();
        await turn();
      }
      while (this.step()) quiet = 0;
    }
    await turn();
    const log = this.#broker.read(0, Infinity);
    const lines = log.map((message) => ({ type: message.body.type, text: message.json("full") }));
    for (const { name, told } of this.#readers) {
      const all = told();
      const starts = all.flatMap(({ type }, index) => type === "hello" ? [index] : []);
      assert.ok(starts.length > 0, `${name} was told nothing`);
      for (const [index, start] of starts.entries()) {
        assertFollows(name, all.slice(start, starts[index + 1]), lines, starts[index + 1] === undefined);
      }
      this.joins += starts.length;
    }
    await this.#broker.close();
  }

  /** Where a reader that joins now wants to begin: nowhere, at a word, or anywhere in the log. */
  #cursor(number: number): string | undefined {
    const { head } = this.#broker.bounds();
    return [undefined, "now", "earliest", `${EPOCH}.${number % (head + 1)}`, `${EPOCH}.${head}`][number % 5];
  }

  #addSocket(socket: FakeWebSocket, url: string): void {
    this.#sockets.push(socket.open());
    this.#readers.push({ name: `WebSocket at ${url}`, told: () => socket.sent.map(parseFrame) });
  }
}

/** From its `hello` on a stream is the log from one place to its end, each message once; a snapshot stands for what was before. */
function assertFollows(name: string, [hello, ...others]: readonly Told[], log: readonly Line[], isLast: boolean): void {
  const { mode, since, head } = Object(JSON.parse(hello?.text ?? "null"));
  const place = String(since).startsWith(EPOCH) ? Number(String(since).split(".")[1]) : since === "earliest" ? 0 : head;
  const from = mode === "delta" ? place : head;
  const told = others.filter(({ type }) => !["reset", "snapshot", "live"].includes(type));
  const wrong = told.findIndex(({ type, id, text }, index) => {
    const line = log[from + index];
    return id !== `${EPOCH}.${from + index + 1}` || type !== line?.type || text !== line.text;
  });
  assert.is(wrong, -1, `${name}: after ${from} comes a gap, or something twice: ${told.map(({ id }) => id)}`);
  if (isLast) assert.is(from + told.length, log.length, `${name}: the end is missing`);
  const live = others.findIndex(({ type }) => type === "live");
  assert.is(others[live]?.id, `${EPOCH}.${head}`, name);
  if (mode === "delta") return assert.is(live, head - from, `${name}: live comes when all that was missed was told`);
  const snapshot: unknown = JSON.parse(others[1]?.text ?? "null");
  assert.equal([live, at(snapshot, "seq")], [2, head], name);
  const sessions = listAt(snapshot, "sessions").map((session) => JSON.stringify(session));
  assert.is(sessions.join(), sessionsAt(log.slice(0, head)).join(), `${name}: the snapshot is of another place`);
}

/** The sessions that live after these messages, in the order in which they began. */
function sessionsAt(log: readonly Line[]): string[] {
  const sessions = new Map<unknown, string>();
  for (const { type, text } of log.filter(({ type }) => type.startsWith("session"))) {
    const id = at(JSON.parse(text), "id");
    if (type === "session") sessions.set(id, text);
    else sessions.delete(id);
  }
  return [...sessions.values()];
}
