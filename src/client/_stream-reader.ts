/** Reads the stream: sorts out what is news, keeps the view, tells the listeners. @module */

import type { SessionData, StateData, WireMessage } from "../protocol/types.ts";
import { Keeper, type KeeperOptions } from "./_keeper.ts";
import type { Transport } from "./_link.ts";
import { createListeners, type Listeners } from "./_listeners.ts";
import { MessageQueue } from "./_message-queue.ts";
import { parseMessage } from "./_parse.ts";
import { Progress } from "./_progress.ts";
import type { Connection, ConnectionEvents } from "./connection.ts";
import { ConnectionError, type Status } from "./status.ts";
import { changesView, reduceView, type View } from "./view.ts";

/** Messages that wait to be taken into the view at most: sessions are copied once for so many, not once for each. */
const MOST_UNVIEWED = 256;

/** Options of {@linkcode StreamReader}. */
export interface StreamReaderOptions extends Pick<KeeperOptions, "clock" | "limits"> {
  readonly transport: Transport;
  readonly since: string | undefined;
  readonly onListenerError: (error: unknown) => void;
}

/** See {@linkcode Connection}. */
export class StreamReader implements Connection {
  readonly #bufferLimit: number;
  readonly #keeper: Keeper;
  readonly #progress: Progress;
  readonly #listeners: Listeners;
  readonly #queues = new Set<MessageQueue>();
  #view: View | undefined;
  #unviewed: WireMessage[] = [];

  constructor({ clock, limits, since, transport, onListenerError }: StreamReaderOptions) {
    this.#bufferLimit = limits.bufferLimit;
    this.#listeners = createListeners(onListenerError);
    this.#progress = new Progress(since);
    this.#keeper = new Keeper({
      clock,
      limits,
      openLink: (events) => {
        this.#progress.begin(transport.asksLate);
        return transport.open(() => this.#progress.cursor, events);
      },
      onStatus: (status) => this.#tellStatus(status),
      onMessage: (raw) => this.#take(parseMessage(raw)),
      onHeartbeat: (id) => this.#progress.advance(id),
    });
    queueMicrotask(() => this.#keeper.start());
  }

  on<Name extends keyof ConnectionEvents>(name: Name, listener: (data: ConnectionEvents[Name]) => void): () => void {
    return this.#listeners.add(name, listener);
  }

  status(): Status {
    return this.#keeper.status;
  }

  state(): StateData | undefined {
    return this.#now()?.state;
  }

  sessions(): readonly SessionData[] {
    return [...this.#now()?.sessions.values() ?? []];
  }

  pet(): string | null | undefined {
    return this.#now()?.pet;
  }

  cursor(): string | undefined {
    return this.#progress.cursor;
  }

  close(): void {
    this.#keeper.close({ code: "closed", detail: "close() was called" });
  }

  [Symbol.asyncIterator](): MessageQueue {
    const queue = new MessageQueue(this.#bufferLimit, (queue) => void this.#queues.delete(queue));
    const { phase, cause } = this.#keeper.status;
    if (phase === "closed") queue.end(errorOf(cause));
    else this.#queues.add(queue);
    return queue;
  }

  #take(message: WireMessage | undefined): void {
    if (message === undefined || !this.#progress.admit(message)) return;
    const isChange = changesView(message);
    if (isChange && this.#unviewed.push(message) >= MOST_UNVIEWED) this.#now();
    if (message.type === "hello") this.#keeper.expectHeartbeat(message.data.heartbeatMs);
    if (message.type === "live") this.#keeper.confirm();
    for (const queue of this.#queues) queue.push(message);
    this.#listeners.tell(message.type, message.data);
    if (isChange) this.#listeners.tell("change", message);
    if (message.type !== "bye") return;
    const { reason, reconnectInMs } = message.data;
    this.#keeper.lose({ code: reason, detail: `The broker ended the stream: ${reason}`, waitMs: reconnectInMs });
  }

  #now(): View | undefined {
    if (this.#unviewed.length > 0) this.#view = reduceView(this.#view, this.#unviewed.splice(0));
    return this.#view;
  }

  #tellStatus(status: Status): void {
    this.#listeners.tell("status", status);
    if (status.phase !== "closed") return;
    this.#listeners.clear();
    for (const queue of this.#queues) queue.end(errorOf(status.cause));
  }
}

/** What a loop over the messages ends with; undefined when it ends in peace. */
function errorOf(cause: Status["cause"]): ConnectionError | undefined {
  return cause === undefined || cause.code === "closed" || cause.code === "ended" ? undefined : new ConnectionError(cause);
}
