/** Tells everybody in the broker's own process, and then the hub, of what was committed. @module */

import type { Hub } from "./hub/hub.ts";
import { logger } from "./ports/log.ts";
import type { Message } from "./protocol/message.ts";

/** Called with all messages of one commit. */
export type MessageListener = (messages: readonly Message[]) => void;

/** Keeps the order of commits, even when a listener makes one itself. */
export class Announcer {
  readonly #hub: Hub;
  readonly #listeners = new Set<MessageListener>();
  readonly #untold: (readonly Message[])[] = [];
  readonly #log = logger("broker");

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  /** Adds a listener; returns how to stop. */
  listen(listener: MessageListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells all of `messages`, after what was announced before. One that throws stops nobody else. */
  announce(messages: readonly Message[]): void {
    if (this.#untold.push(messages) > 1) return;
    for (const next of this.#untold) {
      for (const listener of this.#listeners) this.#tell(listener, next);
      this.#tell((all) => this.#hub.publish(all), next);
    }
    this.#untold.length = 0;
  }

  #tell(listener: MessageListener, messages: readonly Message[]): void {
    try {
      listener(messages);
    } catch (error) {
      this.#log.error("a listener failed: {error}", { error });
    }
  }
}
