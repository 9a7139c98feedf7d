/** The event stream of a broker that exists only in a test. @module */

import { encodeSse } from "../../src/protocol/sse.ts";
import type { SessionData, StateData, WireMessage } from "../../src/protocol/types.ts";
import { within } from "../support/inbox.ts";

/** Wall clock of a fresh FakeClock, in milliseconds since 1970. */
export const NOW: number = Date.UTC(2030, 0, 1);

/** Answers each try to follow the stream, in the order of the tries. */
export class FakeStream {
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #onOpen: (() => void)[] = [];
  #isDown = false;
  /** How often somebody tried. */
  tries = 0;
  /** The `fetch` that leads here. */
  readonly fetch = (_url: string, { signal }: RequestInit): Promise<Response> => {
    this.tries += 1;
    if (this.#isDown) return Promise.reject(new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED") }));
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.#controller = controller) });
    signal?.addEventListener("abort", () => this.#controller?.error(signal.reason));
    for (const wake of this.#onOpen.splice(0)) queueMicrotask(wake);
    return Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } }));
  };

  /** Resolves at the next try that is let in. */
  opened(): Promise<void> {
    return within(5_000, "reader of the stream", new Promise((resolve) => void this.#onOpen.push(resolve)));
  }

  send(...messages: readonly WireMessage[]): void {
    for (const { type, id, data } of messages) {
      const text = encodeSse({ event: type, ...(id === undefined ? {} : { id }), data: JSON.stringify(data) });
      this.#controller?.enqueue(this.#encoder.encode(text));
    }
  }

  /** Ends the stream, and refuses all tries until `up()`. */
  down(): void {
    this.#isDown = true;
    this.#controller?.close();
  }

  up(): void {
    this.#isDown = false;
  }
}

const NONE = { failed: 0, waiting: 0, prompted: 0, starting: 0, ending: 0, done: 0, working: 0, unknown: 0, idle: 0 };

/** The aggregate with these counts. */
export function stateData(state: StateData["state"], counts: Partial<typeof NONE>): StateData {
  return { state, pose: "run", since: NOW, counts: { ...NONE, ...counts } };
}

/** A session. */
export function sessionData(fields: Partial<SessionData> & Pick<SessionData, "id" | "state">): SessionData {
  return { pose: "run", since: NOW, ...fields };
}

const EPOCH = "abcdefgh";

/** The greeting of a stream that starts with these sessions at place `seq`. Another epoch is that of a broker that was restarted. */
export function greeting(
  seq: number,
  state: StateData,
  sessions: readonly SessionData[],
  epoch: string = EPOCH,
): readonly WireMessage[] {
  const id = `${epoch}.${seq}`;
  return [
    { type: "hello", data: { epoch, head: seq, mode: "snapshot", recovered: false, heartbeatMs: 15_000, version: "0.1.0" } },
    { type: "reset", data: { reason: epoch === EPOCH ? "none" : "epoch" } },
    { type: "snapshot", id, data: { epoch, seq, state, pet: { slug: null }, sessions } },
    { type: "live", id, data: { head: seq } },
  ];
}

/** A change at place `seq`. */
export const change = (seq: number, data: SessionData): WireMessage => ({ type: "session", id: `${EPOCH}.${seq}`, data });

/** Lets everything happen that needs no time. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
