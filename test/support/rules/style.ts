/** How code is written: what the compiler and the linter leave open. @module */

import { basename } from "node:path";
import { placeOf, type Source } from "./source.ts";

/** Every place in the code of `source` that `form` finds, as `path:line: problem`. */
function findAll(source: Source, form: RegExp, problem: string): string[] {
  return [...source.code.matchAll(form)].map(({ index }) => `${placeOf(source, index)}: ${problem}`);
}

const DEFAULT_EXPORT = /\bexport\s+default\b|\bas\s+default\b/g;

export function defaultExports(source: Source): string[] {
  return findAll(source, DEFAULT_EXPORT, "default export");
}

const ANY = /(?<![.\w$])any\b(?!\s*[(:])/g;

export function anyTypes(source: Source): string[] {
  return findAll(source, ANY, "the type any");
}

const MODULE_CLAUSE = /^(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?(?:\{[^}]*\}|\*\s+as\s+[\w$]+)/gm;
const CAST = /(?<=[\w$)\]}"'`]\s+)as\s+(?!const\b)(?=[\w${[("'`])/g;

/** Casts but `as const`, and `!` that claims a value. */
export function casts(source: Source): string[] {
  const code = source.code.replace(MODULE_CLAUSE, (clause) => clause.replace(/\bas\b/g, "  "));
  const uncast = { ...source, code };
  return [...findAll(uncast, CAST, "unchecked cast"), ...findAll(uncast, /[\w$)\]]!(?!=)/g, "non-null assertion")];
}

const RUNTIME_NAME = /(?<!(?<!\bglobalThis)\??\.|[\w$#])(?:Deno|process|Buffer|Bun|require|__dirname|__filename)\b(?!\s*:)/g;

/** Names that only some runtimes know. Imports are the import rule's matter. */
export function runtimeNames(source: Source): string[] {
  return findAll(source, RUNTIME_NAME, "a name that only some runtimes know");
}

/** Files of more than `limit` lines. */
export function longFiles({ path, text }: Source, limit: number): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > limit ? [`${path}: ${lines} lines, ${limit} are allowed`] : [];
}

const HEAD_OF_FUNCTION = /\)(?:\s*:(?:[^=]|=>)*)?$/;
const HEAD_OF_OTHER = /\b(?:class|interface|switch|if|for|while|catch)\b/;

/** Functions of more than `limit` lines, from the line of the opening brace to that of the closing one. */
export function longFunctions(source: Source, limit: number): string[] {
  const { code } = source;
  const starts: number[] = [];
  const found: string[] = [];
  for (let at = 0; at < code.length; at += 1) {
    if (code[at] === "{") starts.push(at);
    if (code[at] !== "}") continue;
    const start = starts.pop() ?? 0;
    const lines = code.slice(start, at).split("\n").length;
    if (lines > limit && isBody(code.slice(0, start))) {
      found.push(`${placeOf(source, start)}: a function of ${lines} lines, ${limit} are allowed`);
    }
  }
  return found;
}

/** True when the brace after `before` opens a function: it follows an arrow, parameters, or the type that is returned. */
function isBody(before: string): boolean {
  const head = before.trimEnd();
  const line = head.slice(head.lastIndexOf("\n") + 1);
  return line.endsWith("=>") || (HEAD_OF_FUNCTION.test(line) && !HEAD_OF_OTHER.test(line));
}

const KEBAB = /^_?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z]+)+$/;
const KEBAB_FOLDER = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Paths of code whose file or folders are not in kebab-case. */
export function oddNames(paths: readonly string[]): string[] {
  const isOdd = (path: string): boolean =>
    !KEBAB.test(basename(path)) || !path.split("/").slice(0, -1).every((folder) => KEBAB_FOLDER.test(folder));
  return paths.filter((path) => /\.(?:ts|js|html|sh)$/.test(path) && isOdd(path)).map((path) => `${path}: not kebab-case`);
}

const SUITE = /\b(?:const|let)\s+([\w$]+)\s*=\s*(?:suite|\w+Contract)\b/g;
const IMPORTED_TEST = /^import\s*\{[^}]*\btest\b[^}]*\}\s*from\s*"/m;

/** Suites, and those that a contract has made, that are never run: uvu would leave out all their tests without a word. */
export function withoutRun({ path, code }: Source): string[] {
  const suites = [...code.matchAll(SUITE)].map(([, name = ""]) => name);
  if (IMPORTED_TEST.test(code)) suites.push("test");
  if (suites.length === 0) return [`${path}: no suite of uvu`];
  const isRun = (suite: string): boolean => new RegExp(`(?<![.\\w$])${suite}\\.run\\(\\)`).test(code);
  return suites.filter((suite) => !isRun(suite)).map((suite) => `${path}: ${suite}.run() is missing`);
}
