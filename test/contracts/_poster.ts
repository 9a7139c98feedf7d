/** A client that posts events one after the other, and posts each again until it knows that it was taken. @module */

import { setTimeout as wait } from "node:timers/promises";
import { EVENT_KINDS } from "../../src/core/events.ts";
import { ask } from "../support/http.ts";
import { at, listAt } from "../support/json.ts";
import type { Random } from "../support/seed.ts";

/** One post: an event with an `id`, or some at once under a key. */
interface Post {
  readonly ids: readonly string[];
  readonly key: string | undefined;
  readonly body: string;
}

/** What the broker has acknowledged. */
export interface Acknowledged {
  readonly id: string;
  readonly seq: number;
}

/** How long a client waits before it posts the same again, in milliseconds. */
const AGAIN_MS = 5;

/** See the module. */
export class Poster {
  /** All that was acknowledged, in the order in which it was posted. */
  readonly acknowledged: Acknowledged[] = [];
  /** How often it was told that it had posted this before. */
  duplicates = 0;
  readonly #name: string;
  readonly #random: Random;
  #count = 0;
  #pending: Post | undefined;

  constructor(name: string, random: Random) {
    this.#name = name;
    this.#random = random;
  }

  /** Posts to the broker at `url` until it is over; then one post may have no answer yet. */
  async run(url: string, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.#pending ??= this.#next();
      if (!await this.#send(url, this.#pending)) await wait(AGAIN_MS);
    }
  }

  /** Posts what has no answer yet until it has one. */
  async settle(url: string): Promise<void> {
    while (this.#pending !== undefined && !await this.#send(url, this.#pending)) await wait(AGAIN_MS);
  }

  #next(): Post {
    const count = this.#random.below(3) === 0 ? 2 + this.#random.below(4) : 1;
    const ids = Array.from({ length: count }, () => `${this.#name}-${this.#count++}`);
    const events = ids.map((id) => ({
      kind: this.#random.pick(EVENT_KINDS),
      sessionId: `${this.#name}-${this.#random.below(3)}`,
      activity: id,
      ...(count === 1 ? { id } : {}),
    }));
    return { ids, key: count === 1 ? undefined : `key-${ids[0]}`, body: JSON.stringify(count === 1 ? events[0] : events) };
  }

  /** True when there was an answer that settles it. */
  async #send(url: string, { ids, key, body }: Post): Promise<boolean> {
    const headers = { "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }) };
    const answer = await ask(`${url}/v1/events`, { method: "POST", headers, body }).catch(() => undefined);
    if (answer === undefined || answer.status === 503 || answer.status === 507 || answer.status === 409) return false;
    if (answer.status !== 200) throw new Error(`POST /v1/events answered ${answer.status} ${answer.text}`);
    if (at(answer.json, "duplicate") === true) this.duplicates += 1;
    const seqs = listAt(answer.json, "seqs").map(Number);
    if (seqs.length !== ids.length) throw new Error(`${ids.length} events got the places ${seqs}`);
    for (const [index, id] of ids.entries()) this.acknowledged.push({ id, seq: seqs[index] ?? 0 });
    this.#pending = undefined;
    return true;
  }
}
