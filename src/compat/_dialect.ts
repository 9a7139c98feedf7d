/** What v0 floaters are told, word for word as 0.7.4 tells it. @module */

import { activeSessions } from "../core/aggregate.ts";
import type { Pose } from "../core/states.ts";
import type { Broker } from "../broker.ts";
import type { Dialect } from "../hub/dialect.ts";
import type { Message, View } from "../protocol/message.ts";
import type { StateData } from "../protocol/types.ts";
import type { CardDeck } from "./_cards.ts";

/** How long a floater shows the bubble of a state that passes, in milliseconds. */
const BUBBLE_TTL_MS = 2_500;

/** The dialect of all floaters of one view. */
export class FloaterDialect implements Dialect {
  readonly name: string;
  readonly transport = "v0";
  readonly canRestart = true;
  readonly #broker: Broker;
  readonly #deck: CardDeck;
  readonly #view: View;
  #pose: Pose;

  constructor(broker: Broker, deck: CardDeck, view: View) {
    this.name = dialectName(view);
    this.#broker = broker;
    this.#deck = deck;
    this.#view = view;
    this.#pose = broker.state().pose;
  }

  /** The aggregate is told when its pose changes, the pet whenever it was chosen. */
  text({ body }: Message, conflated: number): string | undefined {
    if (conflated > 0) return undefined;
    if (body.type === "pet") return petText(body.data.slug);
    if (body.type !== "state" || body.data.pose === this.#pose) return undefined;
    this.#pose = body.data.pose;
    return JSON.stringify({ ...stateHead(body.data), ...this.#details(body.data) });
  }

  /** What a floater is told first: the aggregate, the pet if there is one, the cards. */
  restart(): readonly string[] {
    const pet = this.#broker.pet();
    const state = JSON.stringify(stateHead(this.#broker.state()));
    return [state, ...(pet === null ? [] : [petText(pet)]), cardsText(this.#deck, this.#view)];
  }

  #details({ pose, counts }: StateData): object {
    const card = this.#deck.newest();
    const isDone = card?.status === "finished";
    const isLoading = pose === "run" || pose === "jump";
    const waiting = pose === "review";
    const activeSessionCount = activeSessions(counts);
    if (card?.title === undefined || this.#view === "bare") return { loading: isLoading, waiting, activeSessionCount };
    return {
      title: card.title,
      subtitle: card.lastMessage ?? card.currentAction,
      loading: isLoading && !isDone,
      waiting,
      done: isDone,
      bubbleTtlMs: waiting ? undefined : BUBBLE_TTL_MS,
      activeSessionCount,
    };
  }
}

/** The name of the dialect of one view. */
export function dialectName(view: View): string {
  return `mavis-v0 ${view}`;
}

/** All cards; a floater replaces those that it has. */
export function cardsText(deck: CardDeck, view: View): string {
  return JSON.stringify({ type: "sessions", sessions: deck.list(view) });
}

const stateHead = ({ pose, since }: StateData) => ({ type: "state", state: pose, ts: since });

const petText = (slug: string | null): string => JSON.stringify({ type: "pet", slug });
