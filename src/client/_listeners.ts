/** Whoever listens to a connection. @module */

import type { ConnectionEvents } from "./connection.ts";

type EventName = keyof ConnectionEvents;

/** The listeners of one connection. One that fails never stops the others. */
export class Listeners {
  readonly #onError: (error: unknown) => void;
  readonly #sets: { readonly [Name in EventName]: Set<(data: ConnectionEvents[Name]) => void> } = {
    hello: new Set(),
    reset: new Set(),
    snapshot: new Set(),
    live: new Set(),
    state: new Set(),
    session: new Set(),
    "session.gone": new Set(),
    pet: new Set(),
    event: new Set(),
    bye: new Set(),
    status: new Set(),
    change: new Set(),
  };

  /** @param onError Told what listeners throw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Adds a listener, also one that is there already; returns how to take it out. */
  add<Name extends EventName>(name: Name, listener: (data: ConnectionEvents[Name]) => void): () => void {
    const own = (data: ConnectionEvents[Name]): void => listener(data);
    this.#sets[name].add(own);
    return () => void this.#sets[name].delete(own);
  }

  /** Tells all listeners of `name` that are there now. */
  tell<Name extends EventName>(name: Name, data: ConnectionEvents[Name]): void {
    for (const listener of [...this.#sets[name]]) {
      try {
        const result: unknown = listener(data);
        if (result instanceof Promise) result.catch((error: unknown) => this.#report(error));
      } catch (error) {
        this.#report(error);
      }
    }
  }

  /** Takes all out. */
  clear(): void {
    for (const set of Object.values(this.#sets)) set.clear();
  }

  #report(error: unknown): void {
    try {
      this.#onError(error);
    } catch {
      // Whoever is told of errors has failed too: there is nobody left to tell.
    }
  }
}
