/** Checkpoints: all sessions in a table, so that only the end of the log has to be read after a crash. @module */

import * as v from "valibot";
import type { Session } from "../core/session.ts";
import type { Commit, Kept } from "../ports/store.ts";
import type { StateData } from "../protocol/types.ts";
import type { Database } from "./_database.ts";
import { type Entry, stateDataSchema } from "./_entries.ts";
import type { KeptCommit } from "./_log-table.ts";
import { reviveSession } from "./_stored-session.ts";
import { BrokenLogError, type Checksum } from "./_sums.ts";
import { MetaTable, SessionTable } from "./_tables.ts";

/** So many messages lie between two checkpoints. */
const MESSAGES = 2_000;

/** Sessions that are written with one commit at most, so that none takes long. */
const SLICE = 64;

/** What is known beside the sessions. */
interface Facts {
  readonly now: number;
  readonly at: number;
  readonly state?: StateData | undefined;
  readonly pet?: string | undefined;
}

const factsSchema: v.GenericSchema<Facts & { readonly seq: number }> = v.object({
  seq: v.number(),
  now: v.number(),
  at: v.number(),
  state: v.optional(stateDataSchema),
  pet: v.optional(v.string()),
});

type Changes = Map<string, Session | undefined>;

/** See the module. */
export class Checkpoints {
  readonly #meta: MetaTable;
  readonly #sessions: SessionTable;
  /** Since the last checkpoint began; undefined for what is gone. */
  #changed: Changes = new Map();
  /** What the one that is being made has still to write. */
  #pending: Changes = new Map();
  /** The place of the one that is being made. */
  #target: number | undefined;
  #seq = 0;
  #facts: Facts = { now: 0, at: 0 };

  constructor(database: Database, checksum: Checksum) {
    this.#meta = new MetaTable(database, checksum);
    this.#sessions = new SessionTable(database, checksum);
  }

  /** The place of the last one: what is in the log up to there is not needed to go on. */
  get seq(): number {
    return this.#seq;
  }

  /**
   * What was kept: the last checkpoint, and what the log says after it.
   *
   * @param after The commits after a place.
   * @throws {BrokenLogError} If something of it is not what was written.
   */
  load(after: (seq: number) => Iterable<KeptCommit>): Kept | undefined {
    const sessions = new Map(this.#sessions.all().map((session) => [session.id, session]));
    const body = this.#meta.get("checkpoint");
    if (body !== undefined) {
      const facts: unknown = JSON.parse(body);
      if (!v.is(factsSchema, facts)) throw new BrokenLogError("The checkpoint can't be read");
      this.#facts = facts;
      this.#seq = facts.seq;
    }
    let isNew = body === undefined;
    for (const { entries, now, at } of after(this.#seq)) {
      isNew = false;
      this.#facts = { ...this.#facts, now, at };
      for (const entry of entries) this.#replay(entry);
    }
    for (const [id, session] of this.#changed) {
      if (session === undefined) sessions.delete(id);
      else sessions.set(id, session);
    }
    const { now, at, state, pet } = this.#facts;
    return isNew ? undefined : { sessions: [...sessions.values()], state, pet, now, at };
  }

  /** Takes note of a commit that was kept. */
  note({ messages, sessions, now, at }: Commit): void {
    let { state, pet } = this.#facts;
    for (const { body } of messages) {
      if (body.type === "session.gone") this.#changed.set(body.data.id, undefined);
      else if (body.type === "state") state = body.data;
      else if (body.type === "pet") pet = body.data.slug ?? undefined;
    }
    for (const session of sessions) this.#changed.set(session.id, session);
    this.#facts = { state, pet, now, at };
  }

  /**
   * Writes a slice of the checkpoint that is being made, or begins one when it is time; returns what to do once that is kept.
   *
   * @param head The place of the newest message that was noted.
   * @param isLast True to make one whole, whatever it takes.
   */
  write(head: number, isLast = false): () => void {
    if (isLast || (this.#target === undefined && head - this.#seq >= MESSAGES)) this.#begin(head);
    const target = this.#target;
    if (target === undefined) return () => {};
    const written: string[] = [];
    for (const [id, session] of this.#pending) {
      if (written.length >= SLICE && !isLast) break;
      this.#sessions.put(id, this.#changed.has(id) ? this.#changed.get(id) : session);
      written.push(id);
    }
    const isWhole = written.length === this.#pending.size;
    if (isWhole) this.#meta.put("checkpoint", JSON.stringify({ seq: target, ...this.#facts }));
    return () => {
      for (const id of written) this.#pending.delete(id);
      if (!isWhole) return;
      this.#seq = target;
      this.#target = undefined;
    };
  }

  #begin(head: number): void {
    this.#target = head;
    this.#pending = new Map([...this.#pending, ...this.#changed]);
    this.#changed = new Map();
  }

  #replay(entry: Entry): void {
    switch (entry.t) {
      case "session":
      case "quiet":
        return void this.#changed.set(entry.d.id, reviveSession(entry.d));
      case "session.gone":
        return void this.#changed.set(entry.d.id, undefined);
      case "state":
        return void (this.#facts = { ...this.#facts, state: entry.d });
      case "pet":
        return void (this.#facts = { ...this.#facts, pet: entry.d.slug });
    }
  }
}
