/** A target as a process of its own, pinned to the first core. @module */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { newStateDir, removeStateDir } from "../../support/state-dir.ts";
import { getOnce } from "./http-connection.ts";
import { isPinned, SERVER_CORE } from "./pinning.ts";
import { cpuMsOf, residentMiBOf } from "./process.ts";
import type { TargetName } from "./row.ts";
import { ROOT, type StoreName, type Target } from "./targets.ts";

const START_MS = 20_000;

/** What a desktop does not have but a build machine may, and what would change how a target behaves. */
const FOREIGN_ENV =
  /^(?:NODE_EXTRA_CA_CERTS|NODE_OPTIONS|NODE_COMPILE_CACHE|CURL_CA_BUNDLE|SSL_CERT_FILE|SSL_CERT_DIR|DENO_CERT|DENO_TLS_CA_STORE|PERCH_.*|MAVIS_.*)$/;

const children = new Set<ChildProcess>();
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** A running target. */
export class Server {
  readonly name: TargetName;
  readonly port: number;
  readonly pid: number;
  /** From its start to its first answer on `/healthz`, in milliseconds. */
  readonly startMs: number;
  readonly #child: ChildProcess;

  private constructor(name: TargetName, child: ChildProcess, port: number, startMs: number) {
    this.name = name;
    this.#child = child;
    this.pid = child.pid ?? NaN;
    this.port = port;
    this.startMs = startMs;
  }

  /**
   * Starts `target` on a free port and resolves once it answers.
   *
   * @param store Where Perch keeps its log.
   *
   * @throws {Error} If it ends, or does not answer in time.
   */
  static async start({ name, command, env }: Target, store: StoreName = "memory"): Promise<Server> {
    const port = await freePort();
    const plain = command(port, store);
    const [program, ...args] = isPinned() ? ["taskset", "-c", SERVER_CORE, ...plain] : plain;
    if (program === undefined) throw new Error(`Cannot start ${name} without a command`);
    const stateDir = newStateDir();
    const startedAt = performance.now();
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...cleanEnv(), PERCH_STATE_DIR: stateDir, ...env },
      stdio: "ignore",
    });
    children.add(child);
    child.once("exit", () => {
      children.delete(child);
      removeStateDir(stateDir);
    });
    await once(child, "spawn");
    while (await getOnce(port, "/healthz", START_MS) !== 200) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode} before it answered`);
      }
      if (performance.now() - startedAt > START_MS) throw new Error(`${name} did not answer within ${START_MS} ms`);
      await sleep(1);
    }
    return new Server(name, child, port, performance.now() - startedAt);
  }

  /** CPU used so far, in milliseconds. */
  cpuMs(): number {
    return cpuMsOf(this.pid);
  }

  residentMiB(): number {
    return residentMiBOf(this.pid);
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    if (!children.has(this.#child)) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}

function cleanEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN_ENV.test(name)));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("The system gave no port");
  return address.port;
}
