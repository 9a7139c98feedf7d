/** One try to follow the stream: what a transport needs, and what it tells. @module */

import type { Cause } from "./status.ts";

/** How a link ended. */
export interface Loss extends Cause {
  /** False when another try can't help. */
  readonly isFinal?: boolean;
  /** The next try may not come earlier than after this, in milliseconds. */
  readonly waitMs?: number;
}

/** What a link tells, and never before it has been returned by {@linkcode Transport.open}. */
export interface LinkEvents {
  /** Something came, be it one byte. */
  sign(): void;
  /** A message came; it has not been looked at. */
  message(raw: unknown): void;
  /** All up to the cursor `id` has been told. */
  heartbeat(id: string): void;
  /** When to come back should the stream break, in milliseconds. */
  retry(ms: number): void;
  /** It is over. */
  end(loss: Loss): void;
}

/** A link: a connection, from the try to open it to its end. */
export interface Link {
  /**
   * Asks for a sign of life, where the transport shows none on a quiet stream. The broker goes on after the reader's cursor once
   * more, so what is on its way then comes twice.
   */
  probe?(): void;
  /** Ends it. What it tells after this is not heard. */
  close(): void;
}

/** A way to follow the stream. */
export interface Transport {
  /** True when the broker may have begun to tell before it sees what it is asked to go on after. */
  readonly asksLate: boolean;
  /**
   * Opens a link.
   *
   * @param since The cursor after which to go on; it is read when it is sent.
   * @throws {unknown} If no try to open it can ever succeed.
   */
  open(since: () => string | undefined, events: LinkEvents): Link;
}

/** What went wrong, in the words of the runtime. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
