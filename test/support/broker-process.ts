/** Servers as child processes: a broker on the runtime under test, or a peer. @module */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { within } from "./inbox.ts";
import { newStateDir, removeStateDir, rootTokenOf } from "./state-dir.ts";

/** The runtimes that a broker runs on. */
export type Runtime = "node" | "deno";

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A server that listens. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Resolves once the process has ended. */
  readonly exited: Promise<Exit>;
  /** True until the process has ended. */
  readonly isAlive: boolean;
  /** True once it was sent a signal. */
  readonly isSignalled: boolean;
  /** All that it has said on stdout, and on stderr. */
  readonly stdout: string;
  readonly stderr: string;
  /** Its state folder, which goes with it unless it was named by a flag. */
  readonly stateDir: string;
  /** The root token of that folder. */
  readonly token: string;
  /** Resident memory now, in bytes. */
  residentBytes(): number;
  signal(name: "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_MS = 30_000;

const children = new Set<ChildProcess>();
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => process.exit(1));

/** The command that runs TypeScript on `runtime`, and its first arguments. */
export function commandFor(runtime: Runtime): readonly [command: string, ...args: string[]] {
  return runtime === "node" ? [process.execPath] : [`${ROOT}node_modules/.bin/deno`, "run", "-A"];
}

/**
 * Node lets much garbage lie before it looks for more room. With this it does not, so that growth means something, and dies of a
 * heap that only grows.
 */
const LEAN = { NODE_OPTIONS: "--max-semi-space-size=1 --max-old-space-size=64" };

/** What `perch serve` says once it listens on this machine: URL and port. */
export const LISTENING = /^perch listening on (https?:\/\/(?:127\.0\.0\.1|0\.0\.0\.0):([0-9]+)) \(sse \/events, ws \/ws\)$/m;

/**
 * Starts Perch on a free port unless `flags` name one, and resolves once it listens.
 *
 * @param isLean True where its memory is measured.
 */
export function startBroker(runtime: Runtime, flags: readonly string[] = [], isLean = false): Promise<ServerProcess> {
  const port = flags.includes("--port") ? [] : ["--port", "0"];
  return startServer([...commandFor(runtime), "mod.ts", "serve", ...port, ...flags], LISTENING, isLean ? LEAN : {});
}

/**
 * Starts a server and resolves once it has said on stderr that it listens.
 *
 * @param listening Matches that line; its groups are the URL and the port.
 * @param env Added to the environment.
 */
export async function startServer(
  [command, ...args]: readonly string[],
  listening: RegExp,
  env: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  if (command === undefined) throw new Error("Cannot start a server without a command");
  const given = args.indexOf("--state-dir");
  const stateDir = given < 0 ? newStateDir() : args[given + 1] ?? "";
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...cleanEnv(), PERCH_STATE_DIR: stateDir, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.add(child);
  const said = { stdout: "", stderr: "" };
  let isSignalled = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => said.stdout += text);
  const exited = new Promise<Exit>((resolve) => {
    child.once("exit", (code, signal) => {
      children.delete(child);
      if (given < 0) removeStateDir(stateDir);
      resolve({ code, signal });
    });
  });
  const ready = new Promise<RegExpExecArray>((resolve, reject) => {
    child.once("error", reject);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.stderr += text;
      const match = listening.exec(said.stderr);
      if (match !== null) resolve(match);
    });
    void exited.then(({ code }) => reject(new Error(`${args.join(" ")} ended with ${code}: ${said.stderr}`)));
  });
  const [, url = "", port] = await within(START_MS, `start of ${args.join(" ")}`, ready);
  const pid = child.pid ?? 0;
  return {
    pid,
    url,
    port: Number(port),
    exited,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null;
    },
    get isSignalled() {
      return isSignalled;
    },
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    stateDir,
    get token() {
      return rootTokenOf(stateDir);
    },
    residentBytes: () => 1024 * Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })),
    signal(name) {
      isSignalled = true;
      child.kill(name);
    },
  };
}

/** The environment without what would change how a server behaves, or colour what it says. */
function cleanEnv(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(?:PERCH|MAVIS)_|^FORCE_COLOR$/.test(name));
  return { ...Object.fromEntries(others), NO_COLOR: "1" };
}
