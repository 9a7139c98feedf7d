/** One span of a client held against the log, message by message. @module */

import { type Interest, type Item, plainJson, type Span } from "./client-log.ts";
import type { Truth } from "./truth.ts";

/** What a span lacks. */
export interface Reading {
  /** Numbers of messages that were not told, and that nothing stands for. */
  readonly missing: readonly number[];
  /** What was lost, made up or miscounted, in words. */
  readonly problems: readonly string[];
  /** Bookmarks that came before something that they cover. */
  readonly early: readonly string[];
}

const memo = new WeakMap<Span, Reading>();

/** Reads a span; what it returns is made once. */
export function readSpan(span: Span, interest: Interest, truth: Truth): Reading {
  let reading = memo.get(span);
  if (reading === undefined) memo.set(span, reading = new SpanReader(span, interest, truth).read());
  return reading;
}

/** Messages of one key that were not told yet and that a newer one may stand for. */
interface Waiting {
  seqs: number[];
  /** True when a connection broke before the newer one came: who comes back is told it without the count. */
  isBroken: boolean;
}

class SpanReader {
  readonly #span: Span;
  readonly #truth: Truth;
  readonly #wanted: readonly number[];
  readonly #told: ReadonlySet<number>;
  readonly #seen = new Set<number>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #missing: number[] = [];
  readonly #problems: string[] = [];
  readonly #early: string[] = [];
  #next: number;

  constructor(span: Span, interest: Interest, truth: Truth) {
    this.#span = span;
    this.#truth = truth;
    this.#wanted = truth.selected(interest);
    this.#told = new Set(span.items.filter(({ isBookmark }) => !isBookmark).map(({ seq }) => seq));
    const start = span.start ?? (span.items[0]?.seq ?? 1) - 1;
    const first = this.#wanted.findIndex((seq) => seq > start);
    this.#next = first < 0 ? this.#wanted.length : first;
  }

  read(): Reading {
    let visit = this.#span.items[0]?.visit;
    for (const [place, item] of this.#span.items.entries()) {
      if (item.visit !== visit) { for (const waiting of this.#waiting.values()) waiting.isBroken = true; }
      visit = item.visit;
      if (item.isBookmark) this.#readBookmark(item, this.#span.items[place + 1]);
      else this.#readMessage(item);
    }
    const end = this.#span.items.reduce((highest, { seq }) => Math.max(highest, seq), 0);
    for (const [key, { seqs }] of this.#waiting) {
      const isStillToCome = (this.#truth.newest(key, Infinity)?.seq ?? 0) > end;
      if (!isStillToCome) this.#lose(seqs);
    }
    return { missing: this.#missing, problems: this.#problems, early: this.#early };
  }

  #readBookmark(item: Item, after: Item | undefined): void {
    const lost = this.#missing.length;
    this.#passUpTo(item.seq + 1);
    const open = [...this.#waiting.values()].filter(({ isBroken }) => !isBroken).flatMap(({ seqs }) => seqs);
    const isLate = after !== undefined && !after.isBookmark && after.seq <= item.seq && !this.#seen.has(after.seq);
    const late = isLate && after.seq > (this.#span.start ?? 0) ? [after.seq] : [];
    const covered = [...this.#missing.slice(lost), ...open, ...late];
    if (covered.length > 0) {
      this.#early.push(`had the bookmark ${item.seq} before ${covered.slice(0, 3).join()}`);
    }
  }

  #readMessage(item: Item): void {
    const { seq, told, conflated } = item;
    this.#seen.add(seq);
    const entry = this.#truth.entry(seq);
    if (entry === undefined || entry.type !== told.type || entry.json !== plainJson(told)) {
      return void this.#problems.push(`was told a ${told.type} ${seq} that is not in the log`);
    }
    if (!this.#isWanted(seq)) return void this.#problems.push(`was told ${told.type} ${seq}, which it did not ask for`);
    this.#passUpTo(seq);
    const waiting = entry.key === undefined ? undefined : this.#waiting.get(entry.key);
    const count = waiting?.seqs.length ?? 0;
    if (waiting?.isBroken !== true && count !== conflated) {
      this.#problems.push(`was told ${told.type} ${seq} for ${conflated} older ones, which were ${count}`);
    }
    if (entry.key !== undefined) this.#waiting.delete(entry.key);
  }

  /** Goes past all messages before `seq`: those that were not told wait for one that stands for them. */
  #passUpTo(seq: number): void {
    for (; (this.#wanted[this.#next] ?? Infinity) < seq; this.#next += 1) {
      const passed = this.#wanted[this.#next] ?? 0;
      if (this.#told.has(passed)) continue;
      const key = this.#truth.entry(passed)?.key;
      if (key === undefined) this.#lose([passed]);
      else if (this.#waiting.has(key)) this.#waiting.get(key)?.seqs.push(passed);
      else this.#waiting.set(key, { seqs: [passed], isBroken: false });
    }
  }

  #lose(seqs: readonly number[]): void {
    this.#missing.push(...seqs);
    this.#problems.push(`was never told ${seqs.slice(0, 3).join()}${seqs.length > 3 ? ` and ${seqs.length - 3} more` : ""}`);
  }

  #isWanted(seq: number): boolean {
    let low = 0;
    for (let high = this.#wanted.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#wanted[middle] ?? Infinity) < seq) low = middle + 1;
      else high = middle;
    }
    return this.#wanted[low] === seq;
  }
}
