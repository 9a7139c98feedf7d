/** What `--help` says: made by citty from the tables of commands and options. @module */

import { type ArgDef, type CommandDef, renderUsage } from "citty";
import { VERSION } from "../version.ts";
import { colorFor } from "./_color.ts";
import type { Command } from "./_command.ts";
import { cittyArg } from "./_option.ts";
import type { Io } from "./io.ts";

const EXIT_CODES = `EXIT CODES

  0  done; also when SIGINT, SIGTERM or SIGHUP ended it in order
  1  failed: no broker answers, the port is taken, an event was refused for now, stdout can't be written
  2  the command line can't be understood, or a value is not allowed
  130, 143  a second SIGINT or SIGTERM ended it at once`;

/** What every command knows, and `perch` itself. */
const COMMON: Readonly<Record<string, ArgDef>> = {
  help: { type: "boolean", alias: ["h"], description: "show this" },
  version: { type: "boolean", alias: ["v", "V"], description: "show the version" },
};

/** Lines are not made narrower than this, nor wider than {@linkcode WIDEST} where there is no terminal. */
const NARROWEST = 60;
const WIDEST = 100;

/**
 * The help for `command`, or for `perch` itself.
 *
 * @param all All commands.
 */
export async function helpFor(command: Command | undefined, all: readonly Command[], io: Io): Promise<string> {
  const root: CommandDef = {
    meta: {
      name: "perch",
      version: VERSION,
      description: "The one local broker for coding agents. Without a command: serve, with its options",
    },
    args: COMMON,
    subCommands: Object.fromEntries(all.map((each) => [each.name, definitionOf(each)])),
  };
  const usage = await (command === undefined ? renderUsage(root) : renderUsage(definitionOf(command), root));
  const examples = (command === undefined ? all.map((each) => each.examples.slice(0, 1)) : [command.examples]).flat();
  const names = all.map(({ name }) => name).join("|");
  const ordered = usage.replace(`[OPTIONS] ${names}`, `[${names}] [OPTIONS]`).trimEnd();
  const width = Math.max(NARROWEST, io.terminal?.size().columns ?? WIDEST);
  const text = [wrapDescriptions(ordered, width), `EXAMPLES\n\n${examples.map((each) => `  ${each}`).join("\n")}`, EXIT_CODES]
    .join("\n\n");
  return `${colorFor(io) ? text : plain(text).replace(/ +$/gm, "")}\n`;
}

function definitionOf({ name, description, words, options }: Command): CommandDef {
  const args: Record<string, ArgDef> = {};
  for (const { name, description, isOptional = false } of words) {
    args[name] = { type: "positional", description, required: !isOptional };
  }
  for (const option of options) args[option.name] = cittyArg(option);
  return { meta: { name, description }, args: { ...args, ...COMMON } };
}

/** Breaks lines that are too wide, which citty fills with spaces, and sets what follows below the place where their description begins. */
function wrapDescriptions(text: string, width: number): string {
  return text.split("\n").map((line) => {
    const label = /^ *\S.*? {4}/.exec(line)?.[0];
    return label === undefined ? line : wrap(label, line.slice(label.length).trimEnd(), width);
  }).join("\n");
}

function wrap(label: string, description: string, width: number): string {
  const indent = " ".repeat(plain(label).length);
  const lines: string[] = [];
  let line = label;
  for (const word of description.split(" ")) {
    const isFirst = line === label || line === indent;
    const longer = isFirst ? line + word : `${line} ${word}`;
    if (isFirst || plain(longer).length <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line].join("\n");
}

/** citty colors its help wherever it goes. */
function plain(text: string): string {
  return text.split("\x1b[").map((part, i) => i === 0 ? part : part.replace(/^[0-9;]*m/, "")).join("");
}
