/** What an entry point exports, and whether it says what it is. @module */

import { posix } from "node:path";
import type { Source } from "./source.ts";

const EXPORT_LIST = /^export\s+(?:type\s+)?\{[^}]*\}\s*;/gm;
const REEXPORT = /^export\s+(?:type\s+)?\{([^}]*)\}\s*from\s*"/gm;
const REEXPORT_ALL = /^export\s+\*\s+from\s*"/gm;
const DECLARATION =
  /^export\s+(?:declare\s+|abstract\s+|async\s+)*(?:class|function\*?|interface|type|const|let|enum)\s+([\w$]+)/gm;

/** `path: name` of everything that the entry point exports, through whatever files, without a docstring where it is declared. */
export function withoutDocstring(sources: readonly Source[], entry: string): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  return publicNames(byPath, entry).filter(({ hasDocstring }) => !hasDocstring).map(({ path, name }) => `${path}: ${name}`);
}

/** The names that the entry point exports. */
export function exportedNames(sources: readonly Source[], entry: string): string[] {
  return publicNames(new Map(sources.map((source) => [source.path, source])), entry).map(({ name }) => name);
}

interface Public {
  readonly path: string;
  readonly name: string;
  readonly hasDocstring: boolean;
}

function publicNames(byPath: ReadonlyMap<string, Source>, path: string): Public[] {
  const source = byPath.get(path);
  if (source === undefined) return [{ path, name: "is not there", hasDocstring: false }];
  const { code, text } = source;
  const target = (end: number): string => posix.join(posix.dirname(path), text.slice(end, code.indexOf('"', end)));
  const own = [...code.matchAll(DECLARATION)].map(({ index, 1: name = "" }) => (
    { path, name, hasDocstring: /\/\*\*(?:(?!\*\/)[^])*\*\/$/.test(text.slice(0, index).trimEnd()) }
  ));
  const named = [...code.matchAll(REEXPORT)].flatMap((match) => {
    const names = (match[1] ?? "").split(",").map((part) => part.replace(/^\s*type\s/, "").split(/\sas\s/)[0]?.trim() ?? "");
    const there = publicNames(byPath, target(match.index + match[0].length));
    return names.filter((name) => name !== "").map((name) =>
      there.find((found) => found.name === name) ?? { path, name, hasDocstring: false }
    );
  });
  const lists = [...code.matchAll(EXPORT_LIST)].map(([list]) => ({ path, name: list, hasDocstring: false }));
  const all = [...code.matchAll(REEXPORT_ALL)].flatMap((match) => publicNames(byPath, target(match.index + match[0].length)));
  return [...own, ...named, ...lists, ...all];
}
