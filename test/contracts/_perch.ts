/** `perch` as a process that a test runs and reads. @module */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { commandFor, type Exit, type Runtime } from "../support/broker-process.ts";
import { Inbox, within } from "../support/inbox.ts";
import { listenTo } from "../support/said.ts";
import { newStateDir, removeStateDir } from "../support/state-dir.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const ENDS_WITHIN_MS = 60_000;

/** How a command went. */
export interface Run extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningPerch {
  /** Whole lines of stdout. */
  readonly lines: Inbox<string>;
  readonly stdin: Writable;
  readonly ended: Promise<Run>;
  readonly stdout: string;
  readonly stderr: string;
  signal(name: "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGKILL"): void;
  readonly pid: number;
  /** Reads nothing more, as `head` does when it has enough. */
  stopReading(): void;
}

type Env = Readonly<Record<string, string>>;

/** Starts `perch` from source with these arguments. */
export function startPerch(runtime: Runtime, args: readonly string[], env: Env = {}): RunningPerch {
  return startCommand([...commandFor(runtime), "mod.ts", ...args], env);
}

/** Runs `perch` from source to its end. */
export function runPerch(runtime: Runtime, args: readonly string[], env: Env = {}): Promise<Run> {
  return startPerch(runtime, args, env).ended;
}

/**
 * Starts a command in the project's folder, with nothing in the environment that would change what `perch` does, and a state folder
 * of its own unless `env` names one.
 */
export function startCommand([command = "", ...args]: readonly string[], env: Env = {}): RunningPerch {
  const stateDir = newStateDir();
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...plainEnv(), PERCH_STATE_DIR: stateDir, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.once("exit", () => removeStateDir(stateDir));
  const lines = new Inbox<string>(`lines of ${args.join(" ")}`);
  const said = listenTo(child, lines);
  child.stdin.on("error", () => {});
  return {
    lines,
    stdin: child.stdin,
    pid: child.pid ?? 0,
    ended: endOf(child, said, args.join(" ")).finally(() => lines.end("the process has ended")),
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    signal: (name) => void child.kill(name),
    stopReading: () => void child.stdout.destroy(),
  };
}

async function endOf(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  said: { readonly stdout: string; readonly stderr: string },
  name: string,
): Promise<Run> {
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  try {
    return { ...await within(ENDS_WITHIN_MS, `end of ${name} (so far: ${said.stdout}${said.stderr})`, exited), ...said };
  } finally {
    child.kill("SIGKILL");
  }
}

function plainEnv(): NodeJS.ProcessEnv {
  const isPlain = (name: string): boolean => !/^(?:PERCH|MAVIS)_|^(?:NO_COLOR|FORCE_COLOR|TERM|CI|TEST)$/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isPlain(name)));
}
