/** The world outside, as commands see it on Node. @module */

import process from "node:process";
import type { BrokerSettings, Io, LogFile, LogFileSettings, StartedBroker, Terminal } from "../src/cli/io.ts";
import type { Surroundings } from "../src/folder/place.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { Machine } from "../src/ports/machine.ts";
import { nodeClock } from "./clock.ts";
import { nodeSurroundings } from "./node-surroundings.ts";

/** With what a signal ends the program at once; SIGHUP never does, since a terminal that is closed may send it twice. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: undefined } as const;

/** What runs when the program ends, in whatever way. */
const leaving = new Set<() => void>();

/** The arguments, the world, and how to end with an exit code. */
export function nodeProgram(): { readonly args: readonly string[]; readonly io: Io; exit(code: number): void } {
  const io = new NodeIo();
  return { args: process.argv.slice(2), io, exit: (code) => io.flush(() => end(code)) };
}

function end(code: number): never {
  for (const leave of leaving) leave();
  process.exit(code);
}

class NodeIo implements Io {
  readonly clock: Clock = nodeClock();
  readonly surroundings: Surroundings = nodeSurroundings;
  readonly #stop = new AbortController();
  #isListening = false;
  // Node makes these streams on first use, and that takes time which a broker can do without.
  #stdout: NodeJS.WriteStream | undefined;
  #stderr: NodeJS.WriteStream | undefined;

  stdout(text: string): void {
    this.#stdout ??= process.stdout.on("error", (error) => this.#stdoutFailed(error));
    this.#stdout.write(text);
  }

  #stdoutFailed(error: Error): never {
    // A reader that went away, as in `perch watch | head`, is no failure.
    if ("code" in error && error.code === "EPIPE") end(0);
    this.stderr(`perch: Cannot write to stdout: ${error.message}\n`);
    end(1);
  }

  stderr(text: string): void {
    // A broker goes on when nobody reads its log any more.
    this.#stderr ??= process.stderr.on("error", () => {});
    this.#stderr.write(text);
  }

  /** Calls `then` when all that was said on stdout is out; never when it can't be, which ends the program. */
  flush(then: () => void): void {
    if (this.#stdout === undefined) then();
    else this.#stdout.write("", (error) => error ? this.#stdoutFailed(this.#stdout?.errored ?? error) : then());
  }

  env(name: string): string | undefined {
    return process.env[name];
  }

  random(): number {
    return Math.random();
  }

  get fetch(): typeof globalThis.fetch {
    return globalThis.fetch;
  }

  get terminal(): Terminal | undefined {
    return process.stdout.isTTY ? terminal : undefined;
  }

  stopSignal(): AbortSignal {
    const { signal } = this.#stop;
    if (this.#isListening) return signal;
    this.#isListening = true;
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        const code = SIGNAL_EXIT[name];
        if (!signal.aborted) this.#stop.abort();
        else if (code !== undefined) end(code);
      });
    }
    return signal;
  }

  async openLogFile(settings: LogFileSettings): Promise<LogFile> {
    return (await import("./log-file.ts")).openLogFile(settings);
  }

  async machine(): Promise<Machine> {
    return (await import("./node-machine.ts")).nodeMachine(this.clock);
  }

  async serve({ pet, maxSessions, database, ...options }: BrokerSettings): Promise<StartedBroker> {
    keepHeapSmall();
    const [{ serve }, { createBroker }] = await Promise.all([import("./node.ts"), import("../src/broker.ts")]);
    const store = database === undefined ? {} : { store: await (await import("./sqlite.ts")).openSqliteStore(database) };
    return serve({ ...options, broker: createBroker({ pet, maxSessions, clock: this.clock, ...store }) });
  }
}

/**
 * V8 lets the space for new objects grow to about 100 MiB under load, and keeps it. A broker that runs all day had better be small:
 * single events then cost some 5 % more CPU, batches of 100 twice as much. Nothing but this way reaches a process that has begun,
 * since V8 reads the factor whenever it wants to grow.
 */
function keepHeapSmall(): void {
  process.getBuiltinModule("node:v8").setFlagsFromString("--semi-space-growth-factor=1");
}

const terminal: Terminal = {
  size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
  onResize(listener) {
    process.stdout.on("resize", listener);
    return () => void process.stdout.off("resize", listener);
  },
  takeOver(enter, leave) {
    const giveBack = () => {
      if (leaving.delete(giveBack)) process.stdout.write(leave);
    };
    leaving.add(giveBack);
    process.stdout.write(enter);
    return giveBack;
  },
};
