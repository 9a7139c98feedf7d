/** Keeps a flood of one log line short: the first of them, and then how many more there were. @module */

import type { LogRecord } from "@logtape/logtape";
import type { Clock } from "../ports/clock.ts";

/** Lines of one kind that are written in one window. */
export const MOST_ALIKE = 20;

/** How long a window is, in milliseconds. */
export const WINDOW_MS = 10_000;

/** Kinds of lines that are told apart in one window; all others count as one kind. */
export const MOST_KINDS = 200;

interface Kind {
  readonly first: LogRecord;
  count: number;
}

/** Lets records pass. Those of one category, level and template are alike, whatever their values. */
export class Flood {
  readonly #clock: Clock;
  readonly #pass: (record: LogRecord) => void;
  readonly #kinds = new Map<string, Kind>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, pass: (record: LogRecord) => void) {
    this.#clock = clock;
    this.#pass = pass;
  }

  take(record: LogRecord): void {
    this.#cancel ??= this.#clock.after(WINDOW_MS, () => this.end());
    const key = JSON.stringify([record.category, record.level, templateOf(record)]);
    const kind = this.#kindOf(this.#kinds.size < MOST_KINDS || this.#kinds.has(key) ? key : "", record);
    kind.count += 1;
    if (kind.count <= MOST_ALIKE) this.#pass(record);
  }

  /** Ends the window: tells what was left out. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const kinds = [...this.#kinds];
    this.#kinds.clear();
    for (const [key, { first, count }] of kinds) {
      if (count > MOST_ALIKE) this.#pass(summary(first, count - MOST_ALIKE, key !== ""));
    }
  }

  #kindOf(key: string, first: LogRecord): Kind {
    let kind = this.#kinds.get(key);
    if (kind === undefined) this.#kinds.set(key, kind = { first, count: 0 });
    return kind;
  }
}

function summary(first: LogRecord, count: number, isAlike: boolean): LogRecord {
  const of = isAlike ? templateOf(first) : "many kinds";
  const properties = { count, of };
  return {
    ...first,
    timestamp: Date.now(),
    rawMessage: "… and {count} more: {of}",
    message: ["… and ", count, " more: ", of, ""],
    properties,
  };
}

const templateOf = ({ rawMessage }: LogRecord): string =>
  typeof rawMessage === "string" ? rawMessage : rawMessage.raw.join("{}");
