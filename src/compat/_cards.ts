/** The cards that v0 floaters stack: one for each session that is at work or has just finished. @module */

import type { State } from "../core/states.ts";
import type { Clock } from "../ports/clock.ts";
import type { Message, View } from "../protocol/message.ts";
import type { SessionData } from "../protocol/types.ts";

/** A card on the wire. Title, action and message need the scope `sessions`. */
export interface Card {
  readonly sessionId: string;
  readonly status: "started" | "finished";
  readonly lastEventTs: number;
  readonly agentName?: string | undefined;
  readonly title?: string | undefined;
  readonly currentAction?: string | undefined;
  readonly lastMessage?: string | undefined;
  readonly finishedAt?: number | undefined;
}

/** A finished card stays for this long, in milliseconds; the number is that of 0.7.4. */
const FINISHED_MS = 30_000;

/** Changes are told together, this long after the first of them, in milliseconds; the number is that of 0.7.4. */
const DEBOUNCE_MS = 100;

/** Cards at most; the oldest finished one makes room, else the oldest. */
const MAX_CARDS = 64;

const FINISHED: ReadonlySet<State> = new Set<State>(["done", "ending", "idle", "unknown"]);

/** All cards, first seen first. */
export class CardDeck {
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #cards = new Map<string, Card>();
  #newest: string | undefined;
  #cancelTell: (() => void) | undefined;
  #cancelExpiry: (() => void) | undefined;

  /** @param onChange Called, debounced, when the cards have changed. */
  constructor(clock: Clock, onChange: () => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Takes in what happened to the sessions. */
  update(messages: readonly Message[]): void {
    for (const { body } of messages) {
      if (body.type === "session") this.#show(body.data);
      else if (body.type === "session.gone") this.#drop(body.data.id);
    }
  }

  list(view: View): readonly Card[] {
    const cards = [...this.#cards.values()];
    return view === "full" ? cards : cards.map(bareCard);
  }

  /** The card that was touched last. */
  newest(): Card | undefined {
    return this.#newest === undefined ? undefined : this.#cards.get(this.#newest);
  }

  /** Drops the finished card that was touched last; its session comes back with its next work. */
  dismiss(): void {
    let last: Card | undefined;
    for (const card of this.#cards.values()) {
      if (card.status === "finished" && (last === undefined || card.lastEventTs >= last.lastEventTs)) last = card;
    }
    if (last !== undefined) this.#drop(last.sessionId);
  }

  close(): void {
    this.#cancelTell?.();
    this.#cancelExpiry?.();
  }

  #show(session: SessionData): void {
    const before = this.#cards.get(session.id);
    const isFinished = FINISHED.has(session.state);
    if (before === undefined && isFinished) return;
    const now = this.#clock.wall();
    const finishedAt = isFinished ? before?.finishedAt ?? now : undefined;
    this.#cards.set(session.id, {
      sessionId: session.id,
      status: isFinished ? "finished" : "started",
      lastEventTs: now,
      agentName: session.agent,
      title: session.title,
      currentAction: session.tool,
      lastMessage: session.activity,
      finishedAt,
    });
    this.#newest = session.id;
    if (this.#cards.size > MAX_CARDS) this.#makeRoom();
    if (isFinished) this.#cancelExpiry ??= this.#clock.after(FINISHED_MS, () => this.#expire());
    this.#tell();
  }

  #drop(id: string): void {
    if (this.#cards.delete(id)) this.#tell();
  }

  #makeRoom(): void {
    for (const card of this.#cards.values()) if (card.status === "finished") return this.#drop(card.sessionId);
    for (const id of this.#cards.keys()) return this.#drop(id);
  }

  #expire(): void {
    this.#cancelExpiry = undefined;
    const now = this.#clock.wall();
    let next = Infinity;
    for (const { sessionId, finishedAt } of this.#cards.values()) {
      if (finishedAt === undefined) continue;
      const left = finishedAt + FINISHED_MS - now;
      if (left <= 0) this.#drop(sessionId);
      else next = Math.min(next, left);
    }
    if (next !== Infinity) this.#cancelExpiry = this.#clock.after(next, () => this.#expire());
  }

  #tell(): void {
    this.#cancelTell ??= this.#clock.after(DEBOUNCE_MS, () => {
      this.#cancelTell = undefined;
      this.#onChange();
    });
  }
}

const bareCard = ({ sessionId, status, lastEventTs, agentName, finishedAt }: Card): Card => ({
  sessionId,
  status,
  lastEventTs,
  agentName,
  finishedAt,
});
