/** Options of commands: one row each, from which parsing, help and documentation are made. @module */

import type { ArgDef } from "citty";
import { UsageError } from "./_exit.ts";
import { hintFor } from "./_nearest.ts";

/** One option of a command. */
export interface Option<Value> {
  /** Without the dashes. */
  readonly name: string;
  /** How help calls the value, e.g. `PORT`; undefined for a switch, which has none. */
  readonly hint: string | undefined;
  readonly description: string;
  /** Environment variables that stand in for the flag, the first that is set wins. */
  readonly env: readonly string[];
  /** How help shows the default; undefined when there is none. */
  readonly fallback: string | undefined;
  /** True when the option can be given more than once; its variable then holds a list with commas. */
  readonly repeats: boolean;
  /** What `--no-…` says; undefined when there is no such flag. */
  readonly opposite: string | undefined;
  /**
   * The value of the texts that were given; none when the option was not.
   *
   * @throws {UsageError} Says what a value must be; the caller puts before it what was given.
   */
  read(texts: readonly string[]): Value;
}

/** The parts of an option that all kinds share. */
export interface OptionFacts {
  readonly name: string;
  readonly description: string;
  readonly env?: readonly string[];
}

const base = ({ name, description, env = [] }: OptionFacts) => ({
  name,
  description,
  env,
  repeats: false,
  opposite: undefined,
});

/** A text that is not empty. */
export function textOption<const Default extends string | undefined>(
  facts: OptionFacts & { readonly hint: string; readonly fallback: Default; readonly check?: (text: string) => string },
): Option<string | Default> {
  const { hint, fallback, check = (text) => text } = facts;
  return {
    ...base(facts),
    hint,
    fallback,
    read([text]) {
      if (text === undefined) return fallback;
      if (text === "") throw new UsageError("it must not be empty");
      return check(text);
    },
  };
}

/** A whole number from `min` to `max`. */
export function integerOption<const Default extends number | undefined>(
  facts: OptionFacts & { readonly hint: string; readonly min: number; readonly max: number; readonly fallback: Default },
): Option<number | Default> {
  const { hint, min, max, fallback } = facts;
  return {
    ...base(facts),
    hint,
    fallback: fallback?.toString(),
    read([text]) {
      if (text === undefined) return fallback;
      const value = /^-?[0-9]{1,16}$/.test(text) ? Number(text) : NaN;
      if (!(value >= min && value <= max)) throw new UsageError(`it must be a whole number from ${min} to ${max}`);
      return value;
    },
  };
}

/** One of a few words. */
export function choiceOption<const Word extends string, const Default extends Word | undefined>(
  facts: OptionFacts & { readonly words: readonly Word[]; readonly fallback: Default },
): Option<Word | Default> {
  const { words, fallback } = facts;
  return {
    ...base(facts),
    hint: words.join("|"),
    fallback,
    read([text]) {
      if (text === undefined) return fallback;
      const word = words.find((known) => known === text);
      if (word === undefined) throw new UsageError(`it must be one of ${words.join(", ")}${hintFor(text, words)}`);
      return word;
    },
  };
}

/** On when it is given; a variable says it with 1 or true, and off with 0 or false. */
export function switchOption(facts: OptionFacts): Option<boolean> {
  return {
    ...base(facts),
    hint: undefined,
    fallback: undefined,
    read([text = "false"]) {
      if (text === "true" || text === "1") return true;
      if (text === "false" || text === "0") return false;
      throw new UsageError("it must be 1 or 0");
    },
  };
}

/** Yes, no (`--no-…`), or not said. */
export function answerOption(facts: OptionFacts & { readonly opposite: string }): Option<boolean | undefined> {
  const read = ([text]: readonly string[]) => text === undefined ? undefined : text === "true";
  return { ...base(facts), hint: undefined, fallback: undefined, opposite: facts.opposite, read };
}

/** Any number of texts, each of which `check` lets pass. */
export function listOption(
  facts: OptionFacts & { readonly hint: string; readonly check: (text: string) => string },
): Option<readonly string[]> {
  const { hint, check } = facts;
  return { ...base(facts), hint, fallback: undefined, repeats: true, read: (texts) => texts.map(check) };
}

/** The option as citty's help wants it. */
export function cittyArg(option: Option<unknown>): ArgDef {
  const { hint, env, repeats, opposite, fallback } = option;
  const notes = [repeats ? "repeatable" : "", env.length > 0 ? `env ${env.join(", ")}` : ""].filter((note) => note !== "");
  const description = notes.length === 0 ? option.description : `${option.description} [${notes.join("; ")}]`;
  if (hint === undefined) {
    return { type: "boolean", description, ...(opposite === undefined ? {} : { negativeDescription: opposite }) };
  }
  return { type: "string", description, valueHint: hint, ...(fallback === undefined ? {} : { default: fallback }) };
}
