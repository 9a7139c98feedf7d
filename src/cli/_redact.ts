/** Takes secrets out of what is logged, wherever they are: in texts, under telling names, in errors, however deep. @module */

/** What stands where a secret was. */
export const REDACTED = "[redacted]";

/** What is left of a value: JSON can hold it. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

/** How much of a value is kept: levels, members of each, and characters of each text. */
const MOST_LEVELS = 6;
const MOST_MEMBERS = 50;
const MOST_CHARS = 16_384;

const TOKEN = /(perch_[A-Za-z0-9]{10}_)[\w-]+/g;
const BEARER = /\b(Bearer\s+)[^\s"',;]+/gi;
const QUERY = /(?:(?<![A-Za-z0-9])|(?<=%3F|%26))((?:ticket|code)(?:=|%3D))[^&\s"'<>\\]+/gi;
const HEADER = /\b((?:authorization|cookie)\b["']?\s*(?:[:,]|=>?)\s*["']?)(?!\[redacted\])(?=\S).*/gi;
const SECRET_NAME = /^(?:(?:proxy-)?authorization|(?:set-)?cookie|ticket|secret|.*token)$/i;

/** The text without secrets. The id of a token stays: it is no secret. */
export function redactText(text: string): string {
  return text.replace(TOKEN, `$1${REDACTED}`).replace(HEADER, `$1${REDACTED}`).replace(BEARER, `$1${REDACTED}`)
    .replace(QUERY, `$1${REDACTED}`);
}

/** A copy of anything without secrets, which is cut where it is too large. */
export class Redactor {
  readonly #hidden = new Set<unknown>();
  readonly #above: object[] = [];

  /** True for a value that stood under a telling name somewhere in what was copied. */
  hides(value: unknown): boolean {
    return this.#hidden.has(value);
  }

  copy(value: unknown): Plain {
    switch (typeof value) {
      case "string":
        return redactText(value.slice(0, MOST_CHARS));
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "object":
        return value === null ? null : this.#copyObject(value);
      case "function":
        return `[function ${redactText(value.name)}]`;
      default:
        return redactText(String(value));
    }
  }

  #copyObject(value: object): Plain {
    if (this.#above.includes(value)) return "[circular]";
    if (this.#above.length >= MOST_LEVELS) return "[…]";
    this.#above.push(value);
    try {
      return this.#copyMembers(value);
    } catch (error) {
      return `[unreadable: ${redactText(String(error))}]`;
    } finally {
      this.#above.pop();
    }
  }

  #copyMembers(value: object): Plain {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof URL) return redactText(value.href);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (value instanceof Map || value instanceof Headers) return this.#copyEntries(value.entries());
    if (Array.isArray(value) || value instanceof Set) return this.#copyList(value);
    if (value instanceof Error) return this.#copyEntries([...errorEntries(value), ...Object.entries(value)]);
    return this.#copyEntries(Object.entries(value));
  }

  /** A header may come as its name and then its value, as Node has them. */
  #copyList(values: Iterable<unknown>): Plain {
    const copies: Plain[] = [];
    let isAfterName = false;
    for (const value of values) {
      if (copies.length === MOST_MEMBERS) return [...copies, "[…]"];
      copies.push(isAfterName ? this.#hide(value) : this.copy(value));
      isAfterName = typeof value === "string" && SECRET_NAME.test(value);
    }
    return copies;
  }

  #copyEntries(entries: Iterable<readonly [unknown, unknown]>): Plain {
    const copy = new Map<string, Plain>();
    for (const [key, value] of entries) {
      if (copy.size === MOST_MEMBERS) {
        copy.set("…", "[…]");
        break;
      }
      const name = typeof key === "symbol" ? String(key) : `${key}`;
      if (value !== undefined) copy.set(redactText(name), SECRET_NAME.test(name) ? this.#hide(value) : this.copy(value));
    }
    return Object.fromEntries(copy);
  }

  #hide(value: unknown): string {
    this.#hidden.add(value);
    return REDACTED;
  }
}

function errorEntries({ name, message, stack, cause }: Error): [string, unknown][] {
  return [["name", name], ["message", message], ["stack", stack], ["cause", cause]];
}
