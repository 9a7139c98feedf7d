/** A connection as its user sees it. @module */

import type { MessageData, PetData, SessionData, StateData, WireMessage } from "../protocol/types.ts";
import type { Status } from "./status.ts";
import type { Conflated } from "./view.ts";

/**
 * What can be listened to: every message of the protocol by its type, and
 *
 * - `status`: whether what is known is still true changed;
 * - `change`: `state()`, `sessions()` or `pet()` changed, by this message. A pet that draws on `change` and on `status` is always
 *   right, whether what it shows came in a snapshot or as a change.
 *
 * A listener is told after the message has found its way into `state()`, `sessions()` and `pet()`.
 */
export interface ConnectionEvents extends MessageData {
  /** The aggregate, when one of its `counts` has changed. */
  readonly state: StateData & Conflated;
  /** A session, whole, when something of it has changed. */
  readonly session: SessionData & Conflated;
  /** The pet, when one was chosen, also the same one again. */
  readonly pet: PetData & Conflated;
  /** How things stand now. */
  readonly status: Status;
  /** The message that changed what is known. */
  readonly change: WireMessage;
}

/**
 * A stream that comes back. It goes on where it broke: no message is told twice, none out of order, and none is lost without a
 * `reset`, which says that what was known is void and is followed by a `snapshot`.
 *
 * `for await` over it yields every message from then on. It ends when the connection is closed, with a `ConnectionError` when it
 * was not closed by `close()` or, in peace, by the broker, or when `bufferLimit` messages wait to be read.
 */
export interface Connection extends AsyncIterable<WireMessage, undefined> {
  /**
   * Listens; returns how to stop. A listener that throws stops nobody else.
   *
   * @example
   * ```ts
   * const connection = connect({ url: "http://127.0.0.1:7857" });
   * connection.on("change", () => draw(connection.state()?.pose ?? "idle", connection.status().phase));
   * connection.on("status", ({ phase }) => draw(connection.state()?.pose ?? "idle", phase));
   * ```
   */
  on<Name extends keyof ConnectionEvents>(name: Name, listener: (data: ConnectionEvents[Name]) => void): () => void;
  /** Whether what is known is true now, and if not, why, and when the next try is. */
  status(): Status;
  /** The aggregate; undefined before the first snapshot, and where the topics leave it out. */
  state(): StateData | undefined;
  /** The live sessions in the order in which they were first seen; none before the first snapshot. */
  sessions(): readonly SessionData[];
  /** The pet that floaters show; null when none was chosen, undefined before the first snapshot. */
  pet(): string | null | undefined;
  /** Up to where everything was told: the `since` with which another connection would go on from here. */
  cursor(): string | undefined;
  /** Ends the connection for good. May be called twice. */
  close(): void;
}
