/**
 * Reads a command line strictly. citty, which renders the help, takes whatever it does not know and forgets repeated flags, so
 * what somebody mistyped would be ignored in silence.
 *
 * @module
 */

import { UsageError } from "./_exit.ts";
import { hintFor } from "./_nearest.ts";
import type { Option } from "./_option.ts";

/** Where flags that were not given come from, and what is said of them. */
export interface Surroundings {
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Told, in one line, why a variable does not count. */
  warn(message: string): void;
}

/** Variables of the mavis pet broker: set for it, so what Perch can't read of them must not stop Perch. */
const isBorrowed = (name: string): boolean => name.startsWith("MAVIS_PET_");

/** What was given to a command. */
export class Flags {
  /** The words that belong to no flag. */
  readonly words: readonly string[];
  readonly #given: ReadonlyMap<string, readonly string[]>;
  readonly #around: Surroundings;

  constructor(words: readonly string[], given: ReadonlyMap<string, readonly string[]>, around: Surroundings) {
    this.words = words;
    this.#given = given;
    this.#around = around;
  }

  /** True when the flag itself was given. */
  has(option: Option<unknown>): boolean {
    return this.#given.has(option.name);
  }

  /**
   * The value of an option: of its flag, else of its first variable that is set, else its default. A wrong value of a variable of
   * the mavis pet broker counts as unset, with a warning.
   *
   * @throws {UsageError} If it is none of the option's values.
   */
  get<Value>(option: Option<Value>): Value {
    return this.find(option) ?? option.read([]);
  }

  /**
   * As `get`, but undefined where `get` has only the default.
   *
   * @throws {UsageError} If it is none of the option's values.
   */
  find<Value>(option: Option<Value>): Value | undefined {
    const given = this.#given.get(option.name);
    if (given !== undefined) return readAs(`--${option.name}`, option, given);
    for (const name of option.env) {
      const text = this.#around.env(name);
      if (text === undefined || text === "") continue;
      try {
        return readAs(name, option, option.repeats ? text.split(",").map((item) => item.trim()) : [text]);
      } catch (error) {
        if (!(error instanceof UsageError && isBorrowed(name))) throw error;
        this.#around.warn(`${error.message}; it is ignored`);
      }
    }
    return undefined;
  }
}

function readAs<Value>(name: string, option: Option<Value>, texts: readonly string[]): Value {
  try {
    return option.read(texts);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${name} is ${texts.map((text) => JSON.stringify(text)).join(", ")}: ${error.message}`);
  }
}

/**
 * Reads the arguments of a command.
 *
 * @throws {UsageError} If a flag is unknown, lacks its value, has one too many, or was given twice.
 */
export function readFlags(args: readonly string[], options: readonly Option<unknown>[], around: Surroundings): Flags {
  const words: string[] = [];
  const given = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") {
      words.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const { option, attached, isOff } = findOption(arg, options);
    const texts = given.get(option.name) ?? [];
    if (texts.length > 0 && !option.repeats) throw new UsageError(`--${option.name} was given twice: give it once`);
    if (option.hint === undefined) {
      if (attached !== undefined) {
        throw new UsageError(`--${option.name} takes no value, and was given "${attached}": leave it out`);
      }
      texts.push(String(!isOff));
    } else {
      texts.push(attached ?? valueAfter(option, args[++i]));
    }
    given.set(option.name, texts);
  }
  return new Flags(words, given, around);
}

interface FoundOption {
  readonly option: Option<unknown>;
  /** What follows `=`. */
  readonly attached: string | undefined;
  /** True for `--no-…`. */
  readonly isOff: boolean;
}

function findOption(arg: string, options: readonly Option<unknown>[]): FoundOption {
  const equals = arg.indexOf("=");
  const flag = equals < 0 ? arg : arg.slice(0, equals);
  const attached = equals < 0 ? undefined : arg.slice(equals + 1);
  for (const option of options) {
    if (flag === `--${option.name}`) return { option, attached, isOff: false };
    if (option.opposite !== undefined && flag === `--no-${option.name}`) return { option, attached, isOff: true };
  }
  const known = options.flatMap(({ name, opposite }) => opposite === undefined ? [`--${name}`] : [`--${name}`, `--no-${name}`]);
  throw new UsageError(`The flag ${flag} is unknown${hintFor(flag, [...known, "--help", "--version"])}`);
}

/** A value that looks like a flag is more likely one that was forgotten; a negative number is none. */
function valueAfter({ name, hint }: Option<unknown>, next: string | undefined): string {
  if (next === undefined || (next.startsWith("-") && !/^-[0-9]/.test(next) && next !== "-")) {
    throw new UsageError(`--${name} needs a value: --${name}=${hint}`);
  }
  return next;
}
