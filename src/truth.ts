/** What is true now: the sessions, the aggregate and the pet. It changes only by what was kept. @module */

import type { Batch, BatchBase } from "./batch.ts";
import { type Aggregate, emptyAggregate, moveSession } from "./core/aggregate.ts";
import { Registry } from "./core/registry.ts";
import type { State } from "./core/states.ts";
import type { Kept } from "./ports/store.ts";
import { describeState } from "./protocol/describe.ts";
import type { StateData } from "./protocol/types.ts";

/** See the module. */
export class Truth {
  readonly registry: Registry = new Registry();
  #aggregate: Aggregate;
  #stateData: StateData;
  #pet: string | null;
  #head: number;

  /**
   * @param at Wall clock now, in milliseconds since 1970.
   * @throws {RangeError} If `order` does not name every state once.
   */
  constructor(at: number, pet: string | undefined, order: readonly State[] | undefined, kept: Kept | undefined, head: number) {
    this.#head = head;
    this.#aggregate = emptyAggregate(order);
    this.#pet = kept?.pet ?? pet ?? null;
    this.registry.restore(kept?.sessions ?? []);
    for (const { state } of this.registry.sessions()) this.#aggregate = moveSession(this.#aggregate, undefined, state);
    const { since, because } = kept?.state?.state === this.#aggregate.state ? kept.state : { since: at };
    this.#stateData = describeState(this.#aggregate, since, because);
  }

  /** The aggregate as it is told. */
  get state(): StateData {
    return this.#stateData;
  }

  get pet(): string | null {
    return this.#pet;
  }

  /** The place of the newest message that is true. A store may be ahead of it for a moment: who joins then is told soon enough. */
  get head(): number {
    return this.#head;
  }

  /** What a batch starts from. */
  base(): Pick<BatchBase, "registry" | "aggregate" | "stateData"> {
    return { registry: this.registry, aggregate: this.#aggregate, stateData: this.#stateData };
  }

  /** Makes true what was kept. */
  apply(batch: Batch): void {
    for (const id of batch.forgotten) this.registry.remove(id);
    for (const session of batch.sessions) this.registry.put(session);
    this.#aggregate = batch.aggregate;
    this.#stateData = batch.stateData;
    this.#pet = batch.pet ?? this.#pet;
    this.#head = batch.head;
  }
}
