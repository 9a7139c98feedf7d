/** What a source file imports. @module */

import { posix } from "node:path";
import { placeOf, type Source } from "./source.ts";

/** One import, or re-export, of one module. */
export interface Import {
  /** `path:line` of the import. */
  readonly place: string;
  /** As it is written; undefined when it is computed. */
  readonly specifier: string | undefined;
  /** The file that a relative specifier names, relative to the folder of the project; undefined for packages. */
  readonly target: string | undefined;
  /** The package's name, or `node:` for all modules of the runtime; undefined for files. */
  readonly package: string | undefined;
  /** True when nothing is left of it at run time. */
  readonly isTypeOnly: boolean;
  /** True for `import(…)`. */
  readonly isDynamic: boolean;
}

const STATIC = /^(?:import|export)\s+(type\s+)?(?:(?:[\w$]+|\{[^}]*\}|\*(?:\s+as\s+[\w$]+)?)(?:\s*,\s*|\s+))+from\s*(?=")/gm;
const BARE = /^import\s*(?=")/gm;
const DYNAMIC = /(?<![.\w$])import\s*\(/g;

/** All imports of a source file. */
export function importsOf(source: Source): Import[] {
  const { code } = source;
  const imports: Import[] = [];
  const add = (at: number, specifier: string | undefined, isTypeOnly = false, isDynamic = false): void => {
    imports.push({ place: placeOf(source, at), specifier, isTypeOnly, isDynamic, ...resolve(source.path, specifier) });
  };
  for (const match of code.matchAll(STATIC)) {
    add(match.index, stringAt(source, match.index + match[0].length), match[1] !== undefined);
  }
  for (const match of code.matchAll(BARE)) add(match.index, stringAt(source, match.index + match[0].length));
  for (const match of code.matchAll(DYNAMIC)) {
    const start = match.index + match[0].length;
    const end = closing(code, start);
    const quotes = [...code.slice(start, end).matchAll(/"[^"]*"/g)];
    const isSpecifier = ({ index }: RegExpMatchArray) => !/[=!]=\s*$/.test(code.slice(start, start + (index ?? 0)));
    const specifiers = quotes.filter(isSpecifier).map(({ index }) => stringAt(source, start + index));
    for (const specifier of specifiers.length > 0 ? specifiers : [undefined]) add(match.index, specifier, false, true);
  }
  return imports;
}

function stringAt({ text, code }: Source, at: number): string {
  return text.slice(at + 1, code.indexOf('"', at + 1));
}

/** Where the bracket is closed that was opened just before `start`. */
function closing(code: string, start: number): number {
  let depth = 1;
  for (let at = start; at < code.length; at += 1) {
    if (code[at] === "(") depth += 1;
    if (code[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  return code.length;
}

function resolve(path: string, specifier: string | undefined): { target: string | undefined; package: string | undefined } {
  if (specifier === undefined) return { target: undefined, package: undefined };
  if (specifier.startsWith(".")) return { target: posix.join(posix.dirname(path), specifier), package: undefined };
  if (specifier.startsWith("node:")) return { target: undefined, package: "node:" };
  return { target: undefined, package: specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/") };
}
