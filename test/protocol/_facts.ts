/** What the sources say, where it can't be imported: private constants, types, the codes of errors. @module */

import { readSources } from "../support/rules/source.ts";

const sources = [...readSources("src"), ...readSources("adapters")];

/** All matches of a pattern in the sources below a folder. */
function findAll(pattern: RegExp, folder = ""): RegExpMatchArray[] {
  return sources.filter(({ path }) => path.startsWith(folder)).flatMap(({ text }) => [...text.matchAll(pattern)]);
}

function findOne(pattern: RegExp, what: string, folder?: string): string {
  const found = findAll(pattern, folder).map(([, text = ""]) => text);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${what} is there ${found.length} times`);
  return only;
}

/** The number that a constant, a property or a default below a folder is set to, e.g. `MAX_CARDS`: a product of numbers. */
export function numberOf(folder: string, name: string): number {
  const text = findOne(new RegExp(`\\b${name}(?:: \\w+)?(?: =|:) ([0-9][0-9_* ]*)`, "g"), name, folder);
  return text.split("*").reduce((product, factor) => product * Number(factor.replaceAll("_", "")), 1);
}

/** The numbers that a function is called with, e.g. `reconnectInMs: randomMs`. */
export function argumentsOf(call: string): number[] {
  const text = findOne(new RegExp(`${call}\\(([0-9_, ]+)\\)`, "g"), call);
  return text.split(",").map((argument) => Number(argument.trim().replaceAll("_", "")));
}

/** The words of `type Name = "a" | "b"`. */
export function wordsOf(type: string): string[] {
  return quotedIn(findOne(new RegExp(`^export type ${type} =([^;]+);`, "gm"), `The type ${type}`));
}

/** The words that a property may be, e.g. `reason` of `ByeData`. */
export function wordsOfProperty(type: string, property: string): string[] {
  return quotedIn(new RegExp(`^ {2}readonly ${property}\\??: ([^;]+);`, "m").exec(bodyOf(type))?.[1] ?? "");
}

/** The properties of an interface, without those that it inherits. */
export function propertiesOf(type: string): string[] {
  return [...bodyOf(type).matchAll(/^ {2}readonly "?([\w.]+)"?\??:/gm)].map(([, name = ""]) => name);
}

function bodyOf(type: string): string {
  return findOne(new RegExp(`^export interface ${type}\\b[^{]*\\{\\n([^]*?)^\\}`, "gm"), `The interface ${type}`);
}

const quotedIn = (text: string): string[] => [...text.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => word);

/** True when a close code is sent somewhere, by its name or by its number. What only compares codes does not send them. */
export function isSent(name: string, code: number): boolean {
  return findAll(new RegExp(`(?<![=!]== )\\bCLOSE\\.${name}\\b|\\.close\\(${code}\\b`, "g")).length > 0;
}

/** How the sources raise errors: the first group, or the default, is the status, the last the code. */
const RAISED: readonly (readonly [pattern: RegExp, status?: number])[] = [
  [/new (?:InvalidInputError|ConflictError|PerchError)\(\s*([0-9]+),\s*["`]([^"`]+)["`]/g],
  [/super\(\s*([0-9]+),\s*"([^"]+)"/g],
  [/status: ([0-9]+),\s*code: ["`]([^"`]+)["`]/g],
  [/jsonReply\(\s*([0-9]+),\s*\{ error: "([^"]+)"/g],
  [/new UnavailableError\(\s*"([^"]+)"/g, 503],
  [/\{ error: \{ error: "([^"]+)"/g, 400],
];

/** Every error that the sources raise, as `status code`; what a code is put together from stands in angle brackets. */
export function raisedErrors(): string[] {
  const errors = RAISED.flatMap(([pattern, status]) =>
    findAll(pattern).map((match) => `${status ?? match[1]} ${(match.at(-1) ?? "").replace(/\$\{(?:\w+\.)*(\w+)\}/g, "<$1>")}`)
  );
  return [...new Set(errors)].sort();
}

/** Everything that looks like the code of an error, in whatever way it is raised. The client has codes of its own. */
export function codeLikeWords(): string[] {
  const folders = [
    "src/app.ts",
    "src/broker.ts",
    "src/batch.ts",
    "src/compat/",
    "src/http/",
    "src/protocol/",
    "src/routes/",
    "adapters/",
  ];
  const pattern = /\b(?:code|error): "([A-Za-z_]+)"/g;
  return folders.flatMap((folder) => findAll(pattern, folder)).map(([, word = ""]) => word);
}
