/** A child process that leaves nothing behind. @module */

import { type ChildProcess, spawn } from "node:child_process";

/** How a child process went. */
export interface Outcome {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly isTimeout: boolean;
  readonly stdout: string;
  /** Standard output and error as they came, at most the last 256 Ki characters. */
  readonly output: string;
}

const MOST_OUTPUT = 256 * 1024;

/** How long the pipes of an ended child may stay open, in milliseconds: what holds them then has left its process group. */
const PIPE_GRACE_MS = 1_000;

const running = new Set<ChildProcess>();

/** What a child process finds in its environment beside what this process has in its own. */
export type MoreEnv = Readonly<Record<string, string>>;

/** Runs `command`, at most `limitMs` long. With it ends its whole process group, so grandchildren end too. */
export function runChild(command: readonly [string, ...string[]], limitMs: number, more: MoreEnv = {}): Promise<Outcome> {
  const [file, ...args] = command;
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...more };
    const child = spawn(file, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env });
    running.add(child);
    let stdout = "";
    let output = "";
    let isTimeout = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(-MOST_OUTPUT);
      output = (output + text).slice(-MOST_OUTPUT);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-MOST_OUTPUT);
    });
    const timer = setTimeout(() => {
      isTimeout = true;
      killGroup(child);
    }, limitMs);
    child.on("error", reject);
    child.on("exit", () => {
      clearTimeout(timer);
      killGroup(child);
      running.delete(child);
      setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe.destroy()), PIPE_GRACE_MS).unref();
    });
    child.on("close", (code) => resolve({ code, isTimeout, stdout, output }));
  });
}

/** Ends all child processes that still run. */
export function killAllChildren(): void {
  for (const child of running) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // nobody is left in the group
  }
}
