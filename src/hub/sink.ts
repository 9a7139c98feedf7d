/** Where a reader's messages go: what a transport must offer. @module */

import type { CloseCode } from "../protocol/codes.ts";

/** How a transport frames texts. Payloads are made once and written to every sink of the same framing. */
export interface Framing<Payload> {
  /** Sinks of one name take each other's payloads. */
  readonly name: string;
  /** One text as it goes over the connection. */
  frame(text: string): Payload;
  /** Several payloads as one, to be written at once. */
  join(payloads: readonly Payload[]): Payload;
}

/** One reader's end of a transport. It must not throw, whatever became of the connection. */
export interface Sink<Payload> {
  /** What makes the payloads that it takes. */
  readonly framing: Framing<Payload>;
  /** Bytes that were written and have not left the process. */
  readonly backlog: number;
  /** Hands over a payload without waiting; nothing happens once the connection has ended. */
  write(payload: Payload): void;
  /** Asks the other side for a sign of life, where the transport must be asked to. */
  ping?(onPong: () => void): void;
  /** Ends the connection in order. A transport without close codes just ends. */
  close(code: CloseCode, reason: string): void;
  /** Ends the connection at once. */
  destroy(): void;
}
