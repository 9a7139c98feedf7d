/** `perch`: finds the command, runs it, and turns what it throws into one line and an exit code. @module */

import { FolderError } from "../folder/error.ts";
import { VERSION } from "../version.ts";
import type { Command } from "./_command.ts";
import { EXIT, FailedError, UsageError } from "./_exit.ts";
import { readFlags } from "./_flags.ts";
import { hintFor } from "./_nearest.ts";
import type { Io } from "./io.ts";

/** All commands; each is loaded when it is needed, since a broker should not wait for what only `watch` uses. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./serve.ts")).serveCommand,
  status: async () => (await import("./status.ts")).statusCommand,
  event: async () => (await import("./event.ts")).eventCommand,
  watch: async () => (await import("./watch.ts")).watchCommand,
  token: async () => (await import("./token.ts")).tokenCommand,
  "token create": async () => (await import("./token-create.ts")).tokenCreateCommand,
  "token link": async () => (await import("./token-link.ts")).tokenLinkCommand,
  "token list": async () => (await import("./token-list.ts")).tokenListCommand,
  "token revoke": async () => (await import("./token-revoke.ts")).tokenRevokeCommand,
  "token rotate": async () => (await import("./token-rotate.ts")).tokenRotateCommand,
};

const isCommand = (name: string): boolean => Object.hasOwn(COMMANDS, name);

/**
 * Runs `perch` with `args` and returns the exit code: 0 done, 1 failed, 2 not understood. Without a command it is `serve`.
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  if (args[0] === "help") return runCli([...args.slice(1, 3).filter(isWord), "--help"], io);
  const named = nameIn(args);
  const isNamed = named !== "";
  const name = isNamed ? named : "serve";
  const rest = isNamed ? args.slice(named.split(" ").length) : args;
  try {
    const load = isCommand(name) ? COMMANDS[name] : undefined;
    if (load === undefined) {
      const names = Object.keys(COMMANDS);
      throw new UsageError(`The command ${name} is unknown${hintFor(name, names)}: choose from ${names.join(", ")}`);
    }
    if (asksFor(rest, "--version", "-v", "-V")) {
      io.stdout(`${VERSION}\n`);
      return EXIT.ok;
    }
    if (asksFor(rest, "--help", "-h")) {
      const { helpFor } = await import("./_help.ts");
      const all = await Promise.all(Object.values(COMMANDS).map((loadOne) => loadOne()));
      io.stdout(await helpFor(isNamed ? await load() : undefined, all, io));
      return EXIT.ok;
    }
    return await runCommand(await load(), rest, io);
  } catch (error) {
    return await report(error, name, io);
  }
}

const isWord = (arg: string): boolean => !arg.startsWith("-");

/** The command that the arguments begin with, known or not: two words where the first has commands of its own. */
function nameIn([first = "-", second = "-"]: readonly string[]): string {
  if (!isWord(first)) return "";
  const hasOthers = Object.keys(COMMANDS).some((name) => name.startsWith(`${first} `));
  return hasOthers && isWord(second) ? `${first} ${second}` : first;
}

function runCommand(command: Command, args: readonly string[], io: Io): Promise<number> {
  const warn = (message: string) => void sayLine(message, io);
  const flags = readFlags(args, command.options, { env: (name) => io.env(name), warn });
  const { words } = command;
  const missing = words[flags.words.length];
  if (missing !== undefined && missing.isOptional !== true) {
    throw new UsageError(`${missing.name} is missing: ${missing.description}`);
  }
  const extra = flags.words[words.length];
  if (extra !== undefined) {
    throw new UsageError(`The word "${extra}" is one too many${isCommand(extra) ? ": a command comes first" : ""}`);
  }
  return command.run(flags, io);
}

/** Flags after `--` are words. */
function asksFor(args: readonly string[], ...flags: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? args.length : end).some((arg) => flags.includes(arg));
}

async function report(error: unknown, name: string, io: Io): Promise<number> {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) {
    await sayLine(`${message} (perch ${isCommand(name) ? `${name} ` : ""}--help lists all)`, io);
    return EXIT.usage;
  }
  const isExpected = error instanceof FailedError || error instanceof FolderError;
  await sayLine(isExpected ? message : `failed unexpectedly: ${message}`, io);
  return EXIT.failed;
}

/** One line on stderr, whatever is in it. */
async function sayLine(message: string, io: Io): Promise<void> {
  const { oneLine } = await import("./_text.ts");
  io.stderr(`perch: ${oneLine(message)}\n`);
}
