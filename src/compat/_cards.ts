/** The cards that v0 floaters stack: one for each session that is at work or has just finished. @module */

import type { Broker } from "../broker.ts";
import { type Session, shownTool } from "../core/session.ts";
import type { Message, View } from "../protocol/message.ts";

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

/** Cards are told at most this often, in milliseconds; the number is that of 0.7.4. */
const PAUSE_MS = 100;

/** Cards at most; the oldest finished one makes room, else the oldest. */
const MAX_CARDS = 64;

/** What a card was last told with; another event of the same kind is nothing new. */
interface Shown {
  readonly session: Session;
  /** Wall clock; 0 while the session is at work. */
  readonly finishedAt: number;
  /** When the card of a finished session goes, on the steady clock. */
  readonly until: number;
}

/** All cards, first seen first. What a card says is looked up when it is shown. */
export class CardDeck {
  readonly #broker: Broker;
  readonly #onChange: () => void;
  readonly #shown = new Map<string, Shown>();
  #newest: string | undefined;
  #toldAt = -PAUSE_MS;
  #willTell = false;
  #cancelExpiry: (() => void) | undefined;

  /** @param onChange Called when the cards have changed, at most every 100 ms. */
  constructor(broker: Broker, onChange: () => void) {
    this.#broker = broker;
    this.#onChange = onChange;
  }

  /** Takes in what happened to the sessions. */
  update(messages: readonly Message[]): void {
    for (const { body } of messages) {
      if (body.type === "session") this.#show(body.session);
      else if (body.type === "session.gone") this.#drop(body.data.id);
    }
  }

  /** Shows the sessions that a broker goes on with. */
  restore(sessions: Iterable<Session>): void {
    for (const session of sessions) this.#show(session);
  }

  list(view: View): readonly Card[] {
    return [...this.#shown.keys()].map((id) => this.#card(id, view)).filter((card) => card !== undefined);
  }

  /** The card that was touched last. */
  newest(): Card | undefined {
    return this.#newest === undefined ? undefined : this.#card(this.#newest, "full");
  }

  /** Drops the finished card that was touched last; its session comes back with its next work. */
  dismiss(): void {
    let last: Session | undefined;
    for (const [id, { finishedAt }] of this.#shown) {
      const session = finishedAt > 0 ? this.#broker.session(id) : undefined;
      if (session !== undefined && session.lastSeq > (last?.lastSeq ?? 0)) last = session;
    }
    if (last !== undefined) this.#drop(last.id);
  }

  #card(id: string, view: View): Card | undefined {
    const session = this.#broker.session(id);
    const finishedAt = this.#shown.get(id)?.finishedAt;
    if (session === undefined || finishedAt === undefined) return undefined;
    const bare: Card = {
      sessionId: id,
      status: finishedAt > 0 ? "finished" : "started",
      lastEventTs: session.lastEventAt,
      agentName: session.agent,
      finishedAt: finishedAt > 0 ? finishedAt : undefined,
    };
    if (view === "bare") return bare;
    return { ...bare, title: session.title, currentAction: shownTool(session), lastMessage: session.activity };
  }

  #show(session: Session): void {
    const before = this.#shown.get(session.id);
    const isFinished = session.base !== "working" && session.waits.length === 0 && session.overlay !== "starting";
    if (before === undefined && isFinished) return;
    this.#newest = session.id;
    if (before !== undefined && isFinished === before.finishedAt > 0 && saysTheSame(before.session, session)) return;
    const finishedAt = !isFinished ? 0 : before?.finishedAt || this.#broker.clock.wall();
    const until = before !== undefined && before.finishedAt > 0 ? before.until : this.#broker.clock.now() + FINISHED_MS;
    this.#shown.set(session.id, { session, finishedAt, until });
    if (this.#shown.size > MAX_CARDS) this.#makeRoom();
    if (isFinished) this.#cancelExpiry ??= this.#broker.clock.after(FINISHED_MS, () => this.#expire());
    this.#tell();
  }

  #drop(id: string): void {
    if (this.#shown.delete(id)) this.#tell();
  }

  #makeRoom(): void {
    for (const [id, { finishedAt }] of this.#shown) if (finishedAt > 0) return this.#drop(id);
    for (const id of this.#shown.keys()) return this.#drop(id);
  }

  #expire(): void {
    this.#cancelExpiry = undefined;
    const now = this.#broker.clock.now();
    let next = Infinity;
    for (const [id, { finishedAt, until }] of this.#shown) {
      if (finishedAt === 0) continue;
      const left = until - now;
      if (left <= 0) this.#drop(id);
      else next = Math.min(next, left);
    }
    if (next !== Infinity) this.#cancelExpiry = this.#broker.clock.after(next, () => this.#expire());
  }

  /** At once where it can be, so that it goes out in one write with the state that has changed too. */
  #tell(): void {
    if (this.#willTell) return;
    this.#willTell = true;
    const { clock } = this.#broker;
    const tell = () => {
      this.#willTell = false;
      this.#toldAt = clock.now();
      this.#onChange();
    };
    const pause = this.#toldAt + PAUSE_MS - clock.now();
    if (pause > 0) clock.after(pause, tell);
    else clock.defer(tell);
  }
}

const saysTheSame = (before: Session, after: Session): boolean =>
  before.title === after.title && shownTool(before) === shownTool(after) && before.activity === after.activity &&
  before.agent === after.agent;
