/** Messages for one `for await`. @module */

import type { WireMessage } from "../protocol/types.ts";
import { ConnectionError } from "./status.ts";

/** Keeps messages until they are asked for, at most `limit` of them; with one more it fails with `buffer_overflow`. */
export class MessageQueue implements AsyncIterableIterator<WireMessage, undefined> {
  readonly #limit: number;
  readonly #onEnd: (queue: MessageQueue) => void;
  readonly #reader: ReadableStreamDefaultReader<WireMessage>;
  #controller: ReadableStreamDefaultController<WireMessage> | undefined;
  #error: ConnectionError | undefined;

  /** @param onEnd Told when no more messages are wanted; after that, none may come. */
  constructor(limit: number, onEnd: (queue: MessageQueue) => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
    const start = (controller: ReadableStreamDefaultController<WireMessage>) => void (this.#controller = controller);
    this.#reader = new ReadableStream<WireMessage>({ start }, { highWaterMark: limit }).getReader();
  }

  push(message: WireMessage): void {
    if (Number(this.#controller?.desiredSize) > 0) return this.#controller?.enqueue(message);
    const detail = `More than ${this.#limit} messages wait to be read: read faster, or raise bufferLimit`;
    this.#error = new ConnectionError({ code: "buffer_overflow", detail });
    void this.return();
  }

  /** No more messages come. Those that wait can still be read; after them comes `error`, if there is one. */
  end(error: ConnectionError | undefined): void {
    this.#error = error;
    this.#controller?.close();
    this.#onEnd(this);
  }

  async next(): Promise<IteratorResult<WireMessage, undefined>> {
    const { done, value } = await this.#reader.read();
    if (!done) return { done, value };
    if (this.#error !== undefined) throw this.#error;
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<WireMessage, undefined>> {
    this.#onEnd(this);
    await this.#reader.cancel();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
