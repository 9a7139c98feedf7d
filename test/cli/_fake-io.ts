/** A world outside that exists only in a test. @module */

import type { BrokerSettings, Io, LogFile, LogFileSettings, StartedBroker, Terminal } from "../../src/cli/io.ts";
import { runCli } from "../../src/cli/main.ts";
import type { Surroundings } from "../../src/folder/place.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { FakeMachine } from "../support/fake-machine.ts";

/** What a fake world has. What is left out is empty, or fails when it is used. */
export interface FakeWorld {
  readonly env?: Readonly<Record<string, string>>;
  readonly terminal?: Terminal;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  readonly serve?: (settings: BrokerSettings) => Promise<StartedBroker>;
  readonly openLogFile?: (settings: LogFileSettings) => Promise<LogFile>;
  readonly machine?: FakeMachine;
}

/** An Io that keeps what is said, and that a test can stop. */
export class FakeIo implements Io {
  readonly clock: FakeClock;
  readonly surroundings: Surroundings;
  readonly terminal: Terminal | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly serve: (settings: BrokerSettings) => Promise<StartedBroker>;
  readonly openLogFile: (settings: LogFileSettings) => Promise<LogFile>;
  out = "";
  err = "";
  /** The addresses that were asked for, with their methods and bodies. */
  readonly asked: { readonly url: string; readonly method: string; readonly body: unknown }[] = [];
  /** The `authorization` of each of these. */
  readonly shown: (string | null)[] = [];
  readonly #machine: FakeMachine;
  readonly #env: Readonly<Record<string, string>>;
  readonly #stop = new AbortController();

  constructor(
    { env = {}, terminal, fetch = refuse, serve = noServer, openLogFile = noLogFile, machine = new FakeMachine() }: FakeWorld =
      {},
  ) {
    this.#env = env;
    this.#machine = machine;
    this.clock = machine.clock;
    this.surroundings = { os: "unix", env: (name) => env[name], home: () => "/home/me", cwd: () => "/work" };
    this.terminal = terminal;
    this.serve = serve;
    this.openLogFile = openLogFile;
    this.fetch = (input, init = {}) => {
      const url = String(input);
      this.asked.push({ url, method: init.method ?? "GET", body: init.body });
      this.shown.push(new Headers(init.headers).get("authorization"));
      return fetch(url, init);
    };
  }

  stdout(text: string): void {
    this.out += text;
  }

  stderr(text: string): void {
    this.err += text;
  }

  env(name: string): string | undefined {
    return this.#env[name];
  }

  machine(): Promise<FakeMachine> {
    return Promise.resolve(this.#machine);
  }

  random(): number {
    return 0.5;
  }

  stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  /** As the first Ctrl-C does. */
  stop(): void {
    this.#stop.abort();
  }
}

/** What `perch` with these arguments says, and its exit code. */
export async function runFake(args: readonly string[], world: FakeWorld = {}): Promise<FakeIo & { readonly code: number }> {
  const io = new FakeIo(world);
  return Object.assign(io, { code: await runCli(args, io) });
}

/** The text with `␛` for the character that escape sequences start with. */
export function visible(text: string): string {
  return text.replaceAll("\x1b", "␛");
}

/** A fetch that always answers the same. */
export function answering(status: number, body: unknown): () => Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return () => Promise.resolve(new Response(text, { status, headers: { "content-type": "application/json" } }));
}

/** A terminal of a size that a test can change. */
export class FakeTerminal implements Terminal {
  columns: number;
  rows: number;
  isTaken = false;
  readonly #io: () => FakeIo;
  readonly #listeners = new Set<() => void>();

  /** @param io Where `enter` and `leave` are written. */
  constructor(columns: number, rows: number, io: () => FakeIo) {
    this.columns = columns;
    this.rows = rows;
    this.#io = io;
  }

  size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.columns, rows: this.rows };
  }

  onResize(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** How many listen for a change of size. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const listener of this.#listeners) listener();
  }

  takeOver(enter: string, leave: string): () => void {
    this.isTaken = true;
    this.#io().stdout(enter);
    return () => {
      if (this.isTaken) this.#io().stdout(leave);
      this.isTaken = false;
    };
  }
}

function refuse(): Promise<Response> {
  return Promise.reject(
    new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }),
  );
}

function noServer(): Promise<StartedBroker> {
  return Promise.reject(new Error("this test starts no broker"));
}

function noLogFile(): Promise<LogFile> {
  return Promise.reject(new Error("this test opens no log file"));
}
