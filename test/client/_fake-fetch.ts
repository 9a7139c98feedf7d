/** A broker's HTTP side in the hand of a test. @module */

import { Inbox } from "../support/inbox.ts";

const encoder = new TextEncoder();

/** One request, and what the test answers to it. */
export class Call {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  /** Resolves once the client has let go of the request. */
  readonly aborted: Promise<void>;
  readonly #response = Promise.withResolvers<Response>();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wanted = Promise.withResolvers<void>();

  constructor(url: string, init: RequestInit) {
    this.url = url;
    this.method = init.method ?? "GET";
    this.headers = new Headers(init.headers);
    const aborted = Promise.withResolvers<void>();
    this.aborted = aborted.promise;
    init.signal?.addEventListener("abort", () => {
      this.fail(new DOMException("This operation was aborted", "AbortError"));
      aborted.resolve();
    });
  }

  get response(): Promise<Response> {
    return this.#response.promise;
  }

  /** Answers with anything but a stream. */
  answer(status: number, body: string | null = null, headers: Record<string, string> = {}): void {
    this.#response.resolve(new Response(body, { status, headers }));
  }

  /** Answers with a problem, as the broker does. */
  refuse(status: number, code: string, detail: string): void {
    this.answer(status, JSON.stringify({ status, code, detail }), { "content-type": "application/problem+json" });
  }

  /** Answers with a stream. */
  open(): this {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#wanted.resolve(),
    }, { highWaterMark: 0 });
    this.#response.resolve(new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } }));
    return this;
  }

  /** Sends text, or bytes, and resolves once the client has dealt with it: it asks for more, or has gone. */
  async send(text: string | Uint8Array): Promise<void> {
    await this.#wanted.promise;
    this.#wanted = Promise.withResolvers();
    this.#controller?.enqueue(typeof text === "string" ? encoder.encode(text) : text);
    await this.#wanted.promise;
  }

  /** Ends the stream in order. */
  end(): void {
    this.#controller?.close();
  }

  /** Breaks the connection, before an answer or in the midst of a stream. */
  fail(error: Error = new TypeError("connection reset")): void {
    this.#wanted.resolve();
    this.#response.reject(error);
    this.#controller?.error(error);
  }
}

/** Requests as they come. */
export class FakeFetch {
  readonly calls: Inbox<Call> = new Inbox("requests");

  readonly fetch = (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const call = new Call(String(url), init);
    this.calls.push(call);
    return call.response;
  };

  /** The next request. */
  next(): Promise<Call> {
    return this.calls.next("request");
  }
}
