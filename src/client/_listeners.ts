/** Whoever listens to a connection. @module */

import type { ConnectionEvents } from "./connection.ts";

type EventName = keyof ConnectionEvents;
type Listener<Name extends EventName> = (data: ConnectionEvents[Name]) => void;

/** The listeners of one connection. One that fails never stops the others. */
export interface Listeners {
  /** Adds a listener, also one that is there already; returns how to take it out. */
  add<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
  /** Tells all listeners of `name` that are there now. */
  tell<Name extends EventName>(name: Name, data: ConnectionEvents[Name]): void;
  /** Takes all out. */
  clear(): void;
}

/** @param onError Told what listeners throw, or reject with. */
export function createListeners(onError: (error: unknown) => void): Listeners {
  const sets: { readonly [Name in EventName]: Set<Listener<Name>> } = {
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
  const report = (error: unknown): void => {
    try {
      onError(error);
    } catch {
      // Whoever is told of errors has failed too: there is nobody left to tell.
    }
  };
  return {
    add(name, listener) {
      const own: typeof listener = (data) => listener(data);
      sets[name].add(own);
      return () => void sets[name].delete(own);
    },
    tell(name, data) {
      for (const listener of [...sets[name]]) {
        try {
          const result: unknown = listener(data);
          if (result instanceof Promise) result.catch(report);
        } catch (error) {
          report(error);
        }
      }
    },
    clear() {
      for (const set of Object.values(sets)) set.clear();
    },
  };
}
