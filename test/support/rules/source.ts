/** Source files as the rules look at them: what is code, apart from what only looks like it. @module */

import { readdirSync, readFileSync } from "node:fs";

/** A source file. */
export interface Source {
  /** Relative to the folder of the project, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The text with blanks for comments and for what quotes hold, so that all else stands where it stood. */
  readonly code: string;
}

/** The source file of this text. */
export function source(path: string, text: string): Source {
  return { path, text, code: mask(text) };
}

/** All TypeScript files of a folder and the folders in it, or the one file that is named. */
export function readSources(place: string): Source[] {
  return listFiles(place).filter((path) => path.endsWith(".ts")).map((path) => source(path, readFileSync(path, "utf8")));
}

/** The paths of all files of a folder and the folders in it, in order, or the one file that is named. */
export function listFiles(place: string): string[] {
  if (place.endsWith(".ts")) return [place];
  const entries = readdirSync(place, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap((entry) => entry.isDirectory() ? listFiles(`${place}/${entry.name}`) : [`${place}/${entry.name}`]);
}

/** `path:line` of the place `at` in a source file. */
export function placeOf({ path, text }: Source, at: number): string {
  return `${path}:${text.slice(0, at).split("\n").length}`;
}

const PLAIN = /[^"'`/{}]+/y;
const COMMENT = /\/\/.*|\/\*[^]*?\*\//y;
const QUOTED = /"(?:\\[^]|[^"\\\n])*"|'(?:\\[^]|[^'\\\n])*'/y;
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//y;
const TEMPLATE_PART = /(?:\\[^]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y;
const ENDS_VALUE = /[\w$)\]}"'`]$/;
const ENDS_KEYWORD = /\b(?:return|typeof|case|in|of|void|yield|await|throw|else)$/;

function mask(text: string): string {
  let code = "";
  const openTemplates: number[] = [];
  let depth = 0;

  const match = (form: RegExp): string => {
    form.lastIndex = code.length;
    return form.exec(text)?.[0] ?? "";
  };
  const blank = (piece: string): string => piece.replace(/[^\n]/g, " ");
  const blankInside = (piece: string): string => piece.slice(0, 1) + blank(piece.slice(1, -1)) + piece.slice(-1);
  const enterTemplate = (): void => {
    const part = match(TEMPLATE_PART);
    if (part === "") return;
    const isOpen = part.endsWith("${");
    code += isOpen ? `${blank(part.slice(0, -2))}\${` : `${blank(part.slice(0, -1))}\``;
    if (isOpen) openTemplates.push(depth);
  };
  const slash = (): string => {
    const comment = match(COMMENT);
    if (comment !== "") return blank(comment);
    const before = code.trimEnd();
    const isDivision = ENDS_VALUE.test(before) && !ENDS_KEYWORD.test(before);
    return isDivision ? "/" : blankInside(match(PATTERN)) || "/";
  };

  while (code.length < text.length) {
    const next = text[code.length];
    if (next === "/") {
      code += slash();
    } else if (next === '"' || next === "'") {
      code += blankInside(match(QUOTED)) || next;
    } else if (next === "`") {
      code += next;
      enterTemplate();
    } else if (next === "}" && openTemplates.at(-1) === depth) {
      code += next;
      openTemplates.pop();
      enterTemplate();
    } else if (next === "{" || next === "}") {
      depth += next === "{" ? 1 : -1;
      code += next;
    } else {
      code += match(PLAIN);
    }
  }
  return code;
}
