/** Messages for one `for await`. @module */

import type { WireMessage } from "../protocol/types.ts";
import { ConnectionError } from "./status.ts";

type Result = IteratorResult<WireMessage, undefined>;

const DONE: Result = { done: true, value: undefined };

/** Keeps messages until they are asked for, at most `limit` of them; with one more it fails with `buffer_overflow`. */
export class MessageQueue implements AsyncIterableIterator<WireMessage, undefined> {
  readonly #limit: number;
  readonly #onEnd: (queue: MessageQueue) => void;
  #messages: WireMessage[] = [];
  #waiting: PromiseWithResolvers<Result>[] = [];
  #isOver = false;
  #error: ConnectionError | undefined;

  /** @param onEnd Told when no more messages are wanted. */
  constructor(limit: number, onEnd: (queue: MessageQueue) => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  push(message: WireMessage): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return waiting.resolve({ done: false, value: message });
    if (this.#messages.length < this.#limit) return void this.#messages.push(message);
    const detail = `${this.#limit} messages wait to be read, and another one came: read faster, or raise bufferLimit`;
    this.#messages = [];
    this.end(new ConnectionError({ code: "buffer_overflow", detail }));
  }

  /** No more messages come. Those that wait can still be read; after them comes `error`, if there is one. */
  end(error?: ConnectionError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#onEnd(this);
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (error === undefined) resolve(DONE);
      else reject(error);
    }
  }

  next(): Promise<Result> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) return Promise.reject(error);
    if (this.#isOver) return Promise.resolve(DONE);
    const waiting = Promise.withResolvers<Result>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  return(): Promise<Result> {
    this.#messages = [];
    this.#error = undefined;
    this.end();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
