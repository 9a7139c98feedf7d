/** All live sessions, and what must be found among them without a scan: the next deadline and the oldest quiet one. @module */

import { Deadlines, type Timed } from "./deadlines.ts";
import type { Session } from "./session.ts";

class Slot implements Timed {
  session: Session;
  deadline = 0;
  filedAt = 0;
  place = -1;

  constructor(session: Session) {
    this.session = session;
  }
}

/** The live sessions by id, in the order in which they were first seen. */
export class Registry {
  readonly #slots = new Map<string, Slot>();
  readonly #quiet = new Set<string>();
  readonly #deadlines = new Deadlines<Slot>();

  get size(): number {
    return this.#slots.size;
  }

  get(id: string): Session | undefined {
    return this.#slots.get(id)?.session;
  }

  /** Adds the session, or replaces the one with its id. */
  put(session: Session): void {
    let slot = this.#slots.get(session.id);
    if (slot === undefined) {
      slot = new Slot(session);
      this.#slots.set(session.id, slot);
    } else {
      if (slot.session.since !== session.since) this.#quiet.delete(session.id);
      slot.session = session;
    }
    this.#deadlines.set(slot, session.deadline);
    if (!isQuiet(session)) this.#quiet.delete(session.id);
    else this.#quiet.add(session.id);
  }

  /** Puts sessions into an empty registry, each in its old place. */
  restore(sessions: readonly Session[]): void {
    for (const session of [...sessions].sort((a, b) => a.firstSeq - b.firstSeq)) this.put(session);
    const quiet = sessions.filter(isQuiet).sort((a, b) => a.since - b.since);
    this.#quiet.clear();
    for (const { id } of quiet) this.#quiet.add(id);
  }

  /** Forgets the session; nothing happens when it is not there. */
  remove(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#quiet.delete(id);
    this.#deadlines.remove(slot);
  }

  /** All sessions, oldest first. */
  *sessions(): Generator<Session, void, undefined> {
    for (const slot of this.#slots.values()) yield slot.session;
  }

  /** The ids of the sessions that are idle or unknown, the one that has been so for longest first. */
  quietIds(): Iterable<string> {
    return this.#quiet.keys();
  }

  /** When to call {@linkcode takeDue}; undefined while there is no session. */
  nextAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  /** The sessions that are due at `now`, in the order of their deadlines, at most `limit`. The caller puts or removes each. */
  takeDue(now: number, limit: number): Session[] {
    const due: Session[] = [];
    while (due.length < limit) {
      const slot = this.#deadlines.takeDue(now);
      if (slot === undefined) break;
      due.push(slot.session);
    }
    return due;
  }
}

const isQuiet = (session: Session): boolean => session.state === "idle" || session.state === "unknown";
