/** Secrets that the broker hands out for a while and keeps in memory only. @module */

import { randomKey, randomWord } from "../random.ts";

/** Limits of {@linkcode Secrets}. */
export interface SecretLimits {
  /** How long a secret is good, in milliseconds. */
  readonly ms: number;
  /** Secrets at most; the oldest makes room. */
  readonly max: number;
}

interface Entry<Value> {
  readonly text: string;
  readonly value: Value;
  readonly endsAt: number;
}

const TEXT = /^([A-Za-z0-9]{10})\.[A-Za-z0-9_-]{43}$/;

/** Secrets, and what each stands for. All times are those of a clock that never goes back. */
export class Secrets<Value> {
  readonly #limits: SecretLimits;
  readonly #entries = new Map<string, Entry<Value>>();

  constructor(limits: SecretLimits) {
    this.#limits = limits;
  }

  /** How many there are, those included that nobody has found too old yet. */
  get size(): number {
    return this.#entries.size;
  }

  /** A new secret that stands for `value`: letters, digits, `.`, `-` and `_`, with 256 random bits. */
  issue(value: Value, now: number): string {
    for (const [id, { endsAt }] of this.#entries) {
      if (endsAt > now && this.#entries.size < this.#limits.max) break;
      this.#entries.delete(id);
    }
    const id = randomWord(10);
    const text = `${id}.${randomKey()}`;
    this.#entries.set(id, { text, value, endsAt: now + this.#limits.ms });
    return text;
  }

  /** What `text` stands for; undefined when it is no secret, or is too old. */
  find(text: string, now: number): Value | undefined {
    const entry = this.#entries.get(idOf(text));
    if (entry === undefined || !areEqual(entry.text, text)) return undefined;
    if (entry.endsAt > now) return entry.value;
    this.remove(text);
    return undefined;
  }

  /** The same, once only. */
  take(text: string, now: number): Value | undefined {
    const value = this.find(text, now);
    if (value !== undefined) this.remove(text);
    return value;
  }

  /** Forgets a secret. */
  remove(text: string): void {
    this.#entries.delete(idOf(text));
  }
}

/** The part of a secret by which it is found, so that only the rest must be compared with care. */
const idOf = (text: string): string => TEXT.exec(text)?.[1] ?? "";

/** Compares two texts in a time that does not tell where they differ. */
function areEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i += 1) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
