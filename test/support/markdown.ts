/** Markdown pages as tests look into them: tables by their heading, examples, links. @module */

import { readFileSync } from "node:fs";

/** A row of a table, by the names of its columns. */
export type Row = Readonly<Record<string, string>>;

/** A heading and what stands below it, up to the next heading. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

/** A page. */
export interface Page {
  /** Relative to the folder of the project. */
  readonly path: string;
  readonly sections: readonly Section[];
}

/** A link, as it is written. */
export interface Link {
  /** A path relative to the page; empty for a place on the page itself. */
  readonly path: string;
  /** The heading that it leads to, as an anchor; undefined when it leads to a whole page. */
  readonly anchor: string | undefined;
}

const FENCE = /^ *```(\w*)\n([^]*?)^ *```$/gm;
const HEADING = /^#+ +(.+)$/gm;

/** Reads a page. What stands in a fence is no heading. */
export function readPage(path: string): Page {
  const text = readFileSync(path, "utf8");
  const plain = text.replace(FENCE, (fence) => fence.replaceAll("#", " "));
  const headings = [...plain.matchAll(HEADING)];
  const sections = headings.map(({ index, 0: line, 1: heading = "" }, place) => (
    { heading, text: text.slice(index + line.length, headings[place + 1]?.index) }
  ));
  return { path, sections };
}

/** The text below a heading. @throws {Error} If the page has no such heading. */
export function sectionOf(page: Page, heading: string): string {
  const section = page.sections.find((each) => each.heading === heading);
  if (section === undefined) throw new Error(`${page.path} has no heading "${heading}"`);
  return section.text;
}

/** The same in one line, wherever its lines are broken. */
export function proseOf(page: Page, heading: string): string {
  return sectionOf(page, heading).replace(/\s+/g, " ");
}

/** The rows of the table below a heading that has this column. @throws {Error} If there is none. */
export function tableOf(page: Page, heading: string, column: string): Row[] {
  for (const [block] of sectionOf(page, heading).matchAll(/(?:^\|.*\|$\n?)+/gm)) {
    const [head = [], , ...rows] = block.trimEnd().split("\n").map(cellsOf);
    if (!head.includes(column)) continue;
    return rows.map((cells) => Object.fromEntries(head.map((name, place) => [name, cells[place] ?? ""])));
  }
  throw new Error(`${page.path} has no table with the column "${column}" below "${heading}"`);
}

const cellsOf = (line: string): string[] => line.split("|").slice(1, -1).map((cell) => cell.trim());

/** What stands in backticks, in order. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
}

/** The first thing in backticks of a cell; the cell itself when there is none. */
export function codeIn(row: Row, column: string): string {
  const cell = row[column] ?? "";
  return codesIn(cell)[0] ?? cell;
}

/** The first number of a cell, whose thousands are set off with commas. */
export function numberIn(row: Row, column: string): number {
  return Number(/[0-9][0-9,]*/.exec(row[column] ?? "")?.[0].replaceAll(",", ""));
}

/** All examples in a language. */
export function examplesOf(page: Page, language: string): string[] {
  return page.sections.flatMap(({ text }) => [...text.matchAll(FENCE)])
    .filter(([, name]) => name === language)
    .map(([, , example = ""]) => example);
}

/** All links that do not lead out of the project. */
export function linksOf({ sections }: Page): Link[] {
  const targets = sections.flatMap(({ text }) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target));
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => {
    const [path = "", anchor] = target.split("#");
    return { path, anchor };
  });
}

/** The anchors of all headings, as GitHub makes them. */
export function anchorsOf({ sections }: Page): string[] {
  return sections.map(({ heading }) => heading.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-"));
}
