/** The world outside, as commands see it on Deno. @module */

import type { BrokerSettings, Io, LogFile, LogFileSettings, StartedBroker, Terminal } from "../src/cli/io.ts";
import type { Surroundings } from "../src/folder/place.ts";
import type { Clock } from "../src/ports/clock.ts";
import type { Machine } from "../src/ports/machine.ts";
import { denoClock } from "./clock.ts";
import { denoEnv, denoSurroundings } from "./deno-surroundings.ts";

/** With what a signal ends the program at once; SIGHUP never does, since a terminal that is closed may send it twice. */
const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: undefined } as const;

const encoder = new TextEncoder();

/** What runs when the program ends, in whatever way. */
const leaving = new Set<() => void>();

/** The arguments, the world, and how to end with an exit code. */
export function denoProgram(): { readonly args: readonly string[]; readonly io: Io; exit(code: number): void } {
  return { args: Deno.args, io: new DenoIo(), exit: end };
}

function end(code: number): never {
  for (const leave of leaving) leave();
  Deno.exit(code);
}

/** Writes all, or tells why it can't. */
function write(stream: { writeSync(bytes: Uint8Array): number }, text: string, onError: (error: unknown) => void): void {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    onError(error);
  }
}

function stdoutFailed(error: unknown): never {
  // A reader that went away, as in `perch watch | head`, is no failure.
  if (error instanceof Deno.errors.BrokenPipe) end(0);
  write(Deno.stderr, `perch: Cannot write to stdout: ${error instanceof Error ? error.message : error}\n`, () => {});
  end(1);
}

class DenoIo implements Io {
  readonly clock: Clock = denoClock();
  readonly surroundings: Surroundings = denoSurroundings;
  readonly #stop = new AbortController();
  #isListening = false;

  stdout(text: string): void {
    write(Deno.stdout, text, stdoutFailed);
  }

  stderr(text: string): void {
    // A broker goes on when nobody reads its log any more.
    write(Deno.stderr, text, () => {});
  }

  env(name: string): string | undefined {
    return denoEnv(name);
  }

  random(): number {
    return Math.random();
  }

  get fetch(): typeof globalThis.fetch {
    return globalThis.fetch;
  }

  get terminal(): Terminal | undefined {
    return Deno.stdout.isTerminal() ? terminal : undefined;
  }

  stopSignal(): AbortSignal {
    const { signal } = this.#stop;
    if (this.#isListening) return signal;
    this.#isListening = true;
    // Windows knows no other.
    const names = Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM", "SIGHUP"] as const;
    for (const name of names) {
      Deno.addSignalListener(name, () => {
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
    return (await import("./deno-machine.ts")).denoMachine(this.clock);
  }

  async serve({ pet, maxSessions, database, ...options }: BrokerSettings): Promise<StartedBroker> {
    const [{ serve }, { createBroker }] = await Promise.all([import("./deno.ts"), import("../src/broker.ts")]);
    const store = database === undefined ? {} : { store: await (await import("./sqlite.ts")).openSqliteStore(database) };
    return serve({ ...options, broker: createBroker({ pet, maxSessions, clock: this.clock, ...store }) });
  }
}

const terminal: Terminal = {
  size() {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  },
  onResize(listener) {
    if (Deno.build.os === "windows") return () => {};
    Deno.addSignalListener("SIGWINCH", listener);
    return () => Deno.removeSignalListener("SIGWINCH", listener);
  },
  takeOver(enter, leave) {
    const giveBack = () => {
      if (leaving.delete(giveBack)) write(Deno.stdout, leave, () => {});
    };
    leaving.add(giveBack);
    write(Deno.stdout, enter, stdoutFailed);
    return giveBack;
  },
};
