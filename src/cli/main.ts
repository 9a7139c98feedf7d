/** `perch`: finds the command, runs it, and turns what it throws into one line and an exit code. @module */

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
};

const isCommand = (name: string): boolean => Object.hasOwn(COMMANDS, name);

/**
 * Runs `perch` with `args` and returns the exit code: 0 done, 1 failed, 2 not understood. Without a command it is `serve`.
 */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const [first, ...others] = args;
  if (first === "help") return runCli([...others.slice(0, 1), "--help"], io);
  const isNamed = first !== undefined && !first.startsWith("-");
  const name = isNamed ? first : "serve";
  const rest = isNamed ? others : args;
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

function runCommand(command: Command, args: readonly string[], io: Io): Promise<number> {
  const warn = (message: string) => void sayLine(message, io);
  const flags = readFlags(args, command.options, { env: (name) => io.env(name), warn });
  const { words } = command;
  const missing = words[flags.words.length];
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing: ${missing.description}`);
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
  await sayLine(error instanceof FailedError ? message : `failed unexpectedly: ${message}`, io);
  return EXIT.failed;
}

/** One line on stderr, whatever is in it. */
async function sayLine(message: string, io: Io): Promise<void> {
  const { oneLine } = await import("./_text.ts");
  io.stderr(`perch: ${oneLine(message)}\n`);
}
