/** The whole log of a broker, against which clients' logs are held. @module */

import { at, parseOrUndefined } from "../json.ts";
import type { Interest } from "./client-log.ts";

/** A message of the log. */
export interface Entry {
  readonly seq: number;
  readonly type: string;
  readonly json: string;
}

/** From the first message of a commit to the last. */
export type Commit = readonly [first: number, last: number];

/** What the broker keeps for those who come back. */
export interface Kept {
  /** Messages of the log, at least. */
  readonly messages: number;
  /** Messages of one replay at most, and characters of them. */
  readonly replay: { readonly messages: number; readonly chars: number };
}

const TOPICS: Readonly<Record<string, string>> = {
  state: "state",
  pet: "pet",
  session: "sessions",
  "session.gone": "sessions",
  event: "events",
};

interface Known extends Entry {
  readonly session: string | undefined;
  /** What the newest of replaces all older ones; undefined for an event. */
  readonly key: string | undefined;
}

/** The log of one epoch, whole. */
export class Truth {
  readonly epoch: string;
  readonly kept: Kept;
  readonly #entries: readonly Known[];
  readonly #commits = new Map<number, Commit>();
  readonly #byKey = new Map<string, Known[]>();
  readonly #selected = new Map<string, readonly number[]>();

  /**
   * @param entries All messages, the first has number 1.
   * @param batches First and last event of each request, which are one commit together with what the last event causes.
   */
  constructor(epoch: string, entries: readonly Entry[], batches: readonly Commit[], kept: Kept) {
    this.epoch = epoch;
    this.kept = kept;
    this.#entries = entries.map(knownOf);
    const wrong = entries.findIndex(({ seq }, index) => seq !== index + 1);
    if (wrong >= 0) throw new Error(`The log has number ${entries[wrong]?.seq} where ${wrong + 1} should be`);
    for (const entry of this.#entries) {
      if (entry.key === undefined) continue;
      const same = this.#byKey.get(entry.key);
      if (same === undefined) this.#byKey.set(entry.key, [entry]);
      else same.push(entry);
    }
    for (const [first, last] of batches) {
      const commit: Commit = [first, this.#endOfEvent(last)];
      for (let seq = first; seq <= commit[1]; seq += 1) this.#commits.set(seq, commit);
    }
  }

  get head(): number {
    return this.#entries.length;
  }

  entry(seq: number): Known | undefined {
    return this.#entries[seq - 1];
  }

  /** The commit that has this message, as far as that is known. */
  commitOf(seq: number): Commit | undefined {
    return this.#commits.get(seq);
  }

  /** The numbers of all messages that a client with this interest is told, in order. */
  selected({ topics, session }: Interest): readonly number[] {
    const key = JSON.stringify([topics, session]);
    let seqs = this.#selected.get(key);
    if (seqs === undefined) {
      seqs = this.#entries.filter((entry) => isWanted(entry, topics, session)).map(({ seq }) => seq);
      this.#selected.set(key, seqs);
    }
    return seqs;
  }

  /** The newest message of `key` up to `seq`. */
  newest(key: string, seq: number): Known | undefined {
    return this.#byKey.get(key)?.findLast((entry) => entry.seq <= seq);
  }

  /** The sessions that live at `seq`, as they were told last, sorted. */
  sessionsAt(seq: number, only: string | undefined): string[] {
    const keys = [...this.#byKey.keys()].filter((key) =>
      only === undefined ? key.startsWith("session ") : key === `session ${only}`
    );
    const newest = keys.map((key) => this.newest(key, seq)).filter((entry) => entry?.type === "session");
    return newest.map((entry) => entry?.json ?? "").sort();
  }

  /** The last message that the event `seq` alone causes. */
  #endOfEvent(seq: number): number {
    for (let last = seq;; last += 1) {
      const because = at(parseOrUndefined(this.entry(last + 1)?.json ?? ""), "because");
      if (at(because, "seq") !== seq || at(because, "source") === "clock") return last;
    }
  }
}

function knownOf({ seq, type, json }: Entry): Known {
  const data = parseOrUndefined(json);
  const session = type === "event" ? at(data, "sessionId") : type.startsWith("session") ? at(data, "id") : undefined;
  const name = typeof session === "string" ? session : undefined;
  const key = type === "event" ? undefined : name === undefined ? type : `session ${name}`;
  return { seq, type, json, session: name, key };
}

const isWanted = ({ type, session }: Known, topics: readonly string[], only: string | undefined): boolean =>
  topics.includes(TOPICS[type] ?? "") && (only === undefined || session === undefined || session === only);
