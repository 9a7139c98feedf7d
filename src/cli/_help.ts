/** What `--help` says: made by citty from the tables of commands and options. @module */

import { type ArgDef, type CommandDef, renderUsage } from "citty";
import { VERSION } from "../version.ts";
import { colorFor } from "./_color.ts";
import type { Command } from "./_command.ts";
import { cittyArg } from "./_option.ts";
import type { Io } from "./io.ts";

const EXIT_CODES = `EXIT CODES

  0  done
  1  failed: no broker answers, the port is taken, an event was refused for now
  2  the command line can't be understood, or a value is not allowed`;

/**
 * The help for `command`, or for `perch` itself.
 *
 * @param all All commands.
 */
export async function helpFor(command: Command | undefined, all: readonly Command[], io: Io): Promise<string> {
  const root: CommandDef = {
    meta: { name: "perch", version: VERSION, description: "The one local broker for coding agents. Without a command: serve" },
    subCommands: Object.fromEntries(all.map((each) => [each.name, definitionOf(each)])),
  };
  const usage = await (command === undefined ? renderUsage(root) : renderUsage(definitionOf(command), root));
  const examples = (command === undefined ? all.map((each) => each.examples.slice(0, 1)) : [command.examples]).flat();
  const text = [usage.trimEnd(), `EXAMPLES\n\n${examples.map((each) => `  ${each}`).join("\n")}`, EXIT_CODES].join("\n\n")
    .replace(/ +$/gm, "");
  return `${colorFor(io) ? text : plain(text)}\n`;
}

function definitionOf({ name, description, words, options }: Command): CommandDef {
  const args: Record<string, ArgDef> = {};
  for (const word of words) args[word.name] = { type: "positional", description: word.description };
  for (const option of options) args[option.name] = cittyArg(option);
  return { meta: { name, description }, args };
}

/** citty colors its help wherever it goes. */
function plain(text: string): string {
  return text.split("\x1b[").map((part, i) => i === 0 ? part : part.replace(/^[0-9;]*m/, "")).join("");
}
