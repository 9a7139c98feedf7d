/** Examples as processes that a test runs and reads. @module */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { commandFor, type Exit, type Runtime, type ServerProcess, startServer } from "../support/broker-process.ts";
import { Inbox, PATIENCE_MS, within } from "../support/inbox.ts";
import { listenTo } from "../support/said.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The runtimes that every example runs on. */
export const RUNTIMES: readonly Runtime[] = ["node", "deno"];

/** How a program went. */
export interface Run extends Exit {
  readonly stdout: string;
  readonly stderr: string;
  /** How long it ran, in milliseconds. */
  readonly ms: number;
}

/** A program that runs. */
export interface Program {
  /** Whole lines of stdout. */
  readonly lines: Inbox<string>;
  /** Resolves once it has ended; fails when it does not end in time. */
  ended(): Promise<Run>;
  stop(): void;
}

/** Variables of the environment beside those of the test; undefined takes one away. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Starts an example that is a TypeScript file. */
export function startExample(runtime: Runtime, name: string, env: Env): Program {
  return startProgram([...commandFor(runtime), `examples/${name}`], env);
}

/** Starts a program in the project's folder. */
export function startProgram([command = "", ...args]: readonly string[], env: Env): Program {
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const lines = new Inbox<string>(`lines of ${args.join(" ")}`);
  const said = listenTo(child, lines);
  const closed = new Promise<Run>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      lines.end(`the program has ended with ${code ?? signal}: ${said.stderr}`);
      resolve({ code, signal, ...said, ms: performance.now() - startedAt });
    });
  });
  return {
    lines,
    ended: () => within(PATIENCE_MS, `end of ${args.join(" ")} (so far: ${said.stdout}${said.stderr})`, closed),
    stop: () => void child.kill("SIGKILL"),
  };
}

/** Starts embed.ts, on a free port unless one is given, and resolves once it listens. */
export function startEmbed(runtime: Runtime, port = 0): Promise<ServerProcess> {
  const listening = /^listening on (http:\/\/127\.0\.0\.1:([0-9]+))$/m;
  return startServer([...commandFor(runtime), "examples/embed.ts"], listening, { PORT: String(port) });
}

/** Ends a server at once. */
export async function kill(server: ServerProcess): Promise<void> {
  server.signal("SIGKILL");
  await server.exited;
}
