/** Starts a broker in the background. @module */

import { findBroker, type FoundBroker, isFolderTaken } from "../src/folder/find.ts";
import { secureFolder } from "../src/folder/secure.ts";
import type { Machine } from "../src/ports/machine.ts";
import { VERSION } from "../src/version.ts";

/** How to start a broker. */
export interface SpawnOptions {
  /**
   * The command that is `perch`. Default: this runtime, with this very package. In a program that was bundled, or that is no plain
   * Node or Deno, name one, e.g. `["npx", "@perch/broker"]`.
   */
  readonly command?: readonly string[] | undefined;
  /** Flags for `perch serve`, e.g. `["--port", "0"]`. Default: none. */
  readonly flags?: readonly string[] | undefined;
  /** How long it has until it answers, in milliseconds. Default 15,000 (15 s). */
  readonly withinMs?: number | undefined;
}

/**
 * `no_broker`: none runs, and none was to be started. `not_started`: the command could not be run, or ended. `late`: it did not
 * answer in time.
 */
export type SpawnProblem = "no_broker" | "not_started" | "late";

/** There is no broker to connect to. The message says why, and what to do. */
export class SpawnError extends Error {
  /** The name of the class. */
  override readonly name: string = "SpawnError";
  /** See {@linkcode SpawnProblem}. */
  readonly code: SpawnProblem;

  /** An error with its code. */
  constructor(code: SpawnProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const WITHIN_MS = 15_000;
const LOOK_MS = 50;
const ANSWER_MS = 1_000;

/**
 * Starts a broker on the state folder, and waits until one answers there: this one, or that of another program that was faster.
 *
 * @throws {SpawnError} `not_started` or `late`.
 * @throws {FolderError} If the folder can't be used.
 */
export async function spawnBroker(folder: string, options: SpawnOptions, machine: Machine): Promise<FoundBroker> {
  const { command = ownCommand(), flags = [], withinMs = WITHIN_MS } = options;
  secureFolder(folder, machine.files);
  const line = [...command, "serve", "--state-dir", folder, ...flags];
  const child = await run(line, folder);
  const deadline = machine.clock.now() + withinMs;
  const help = `run it by hand to see why: ${line.map((word) => word.includes(" ") ? JSON.stringify(word) : word).join(" ")}`;
  while (machine.clock.now() < deadline) {
    const broker = findBroker(folder, machine);
    if (broker !== undefined && await answers(broker)) {
      // Who came too late would wait to take the place of that one. Of another command it is not known which process is the broker.
      if (options.command === undefined && broker.pid !== child.pid) child.stop();
      return broker;
    }
    const end = child.end();
    if (end !== undefined && !isFolderTaken(folder, machine)) {
      throw new SpawnError("not_started", `The broker was started and ended with ${end}: ${help}`);
    }
    await new Promise<void>((resolve) => void machine.clock.after(LOOK_MS, resolve));
  }
  throw new SpawnError("late", `The broker was started, but nothing answered within ${withinMs} ms: ${help}`);
}

async function answers({ url }: FoundBroker): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: "error" });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

interface Child {
  readonly pid: number | undefined;
  stop(): void;
  /** How it ended; undefined while it runs. */
  end(): string | undefined;
}

/** Runs a command that outlives this program, and that says nothing to anybody. */
async function run([program = "", ...args]: readonly string[], cwd: string): Promise<Child> {
  const { spawn } = await import("node:child_process");
  const child = spawn(program, args, { cwd, detached: true, stdio: "ignore", windowsHide: true });
  let end: string | undefined;
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  }).catch((error) => {
    throw new SpawnError("not_started", `Cannot run ${program}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  });
  child.once("exit", (code, signal) => end = signal ?? `exit code ${code}`);
  child.unref();
  return { pid: child.pid, end: () => end, stop: () => void child.kill() };
}

/** This runtime with this package: from its sources, as it was built for npm, or from JSR. */
function ownCommand(): readonly string[] {
  const isSource = import.meta.url.endsWith(".ts");
  const main = new URL(isSource ? "../mod.ts" : "../mod.js", import.meta.url);
  const path = (): string => decodeURIComponent(main.pathname).replace(/^\/(?=[A-Za-z]:\/)/, "");
  if (typeof Deno !== "object") return [globalThis.process.execPath, path()];
  const published = `@perch/broker@${VERSION}`;
  const isPackage = !isSource && !main.pathname.includes("/node_modules/");
  const target = main.protocol !== "file:" ? `jsr:${published}` : isPackage ? `npm:${published}` : path();
  return [Deno.execPath(), "run", "-A", target];
}
