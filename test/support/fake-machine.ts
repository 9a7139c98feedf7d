/** A machine that exists only in a test. @module */

import { nodeDigests } from "../../adapters/digests.ts";
import type { FileFacts, Files } from "../../src/ports/files.ts";
import type { Lock, Locks } from "../../src/ports/locks.ts";
import type { Machine } from "../../src/ports/machine.ts";
import { FakeClock } from "./fake-clock.ts";

/** The user that the program of a test runs as. */
export const ME = 1_000;

/** A file or folder that a test can change behind the program's back. */
export interface FakeEntry {
  kind: FileFacts["kind"];
  owner: number;
  mode: number;
  text: string;
  /** Where a link leads. */
  target?: string;
}

/** A disk in memory. Parents of folders come by themselves. */
export class FakeFiles implements Files {
  readonly user: number = ME;
  readonly entries: Map<string, FakeEntry> = new Map();
  /** What the disk answers to all that would change it. */
  failure: Error | undefined;
  #edition = 0;
  readonly #editions = new Map<string, number>();

  /** Puts something on the disk as if another program had. */
  put(path: string, entry: Partial<FakeEntry> = {}): void {
    this.entries.set(path, { kind: "file", owner: ME, mode: 0o600, text: "", ...entry });
    this.#editions.set(path, ++this.#edition);
  }

  look(path: string, follow?: "follow"): FileFacts | undefined {
    const entry = this.entries.get(path);
    if (entry?.target !== undefined && follow !== undefined) return this.look(entry.target, follow);
    if (entry === undefined) return undefined;
    const { kind, owner, mode, text } = entry;
    return { kind, owner, mode, bytes: text.length, edition: String(this.#editions.get(path)) };
  }

  list(path: string): readonly string[] {
    const start = `${path}/`;
    return [...this.entries.keys()].filter((each) => each.startsWith(start)).map((each) => each.slice(start.length));
  }

  makeFolder(path: string): void {
    this.#change(() => this.put(path, { kind: "folder", mode: 0o700 }));
  }

  restrict(path: string, mode: number): void {
    this.#change(() => Object.assign(this.entries.get(path) ?? {}, { mode }));
  }

  create(path: string): void {
    if (!this.entries.has(path)) this.#change(() => this.put(path));
  }

  read(path: string): string | undefined {
    return this.entries.get(path)?.text;
  }

  write(path: string, text: string): void {
    this.#change(() => this.put(path, { text }));
  }

  remove(path: string): void {
    this.entries.delete(path);
  }

  #change(act: () => void): void {
    if (this.failure !== undefined) throw this.failure;
    act();
  }
}

/** Locks in memory; none waits. */
export class FakeLocks implements Locks {
  readonly held: Set<string> = new Set();

  take(path: string): Lock | undefined {
    if (this.held.has(path)) return undefined;
    this.held.add(path);
    return { release: () => void this.held.delete(path) };
  }

  isHeld(path: string): boolean {
    return this.held.has(path);
  }
}

/** Everything that the state folder rests on, in the hand of a test. */
export class FakeMachine implements Machine {
  readonly files: FakeFiles;
  readonly locks: FakeLocks;
  readonly digests: Machine["digests"] = nodeDigests();
  readonly clock: FakeClock;
  readonly pid: number;

  /** @param shared A machine on which this is another program. */
  constructor(pid = 1, shared?: FakeMachine, clock: FakeClock = shared?.clock ?? new FakeClock()) {
    this.pid = pid;
    this.clock = clock;
    this.files = shared?.files ?? new FakeFiles();
    this.locks = shared?.locks ?? new FakeLocks();
  }
}
