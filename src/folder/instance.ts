/** The one broker of a state folder, from when it has the lock to its end. @module */

import { logger } from "../ports/log.ts";
import type { Lock } from "../ports/locks.ts";
import type { Machine } from "../ports/machine.ts";
import type { Tokens } from "../ports/tokens.ts";
import { type BrokerInfo, type BrokerMark, isSameBroker, parseBrokerMark } from "./discovery.ts";
import { FolderError, reasonOf } from "./error.ts";
import { LiveTokens } from "./live-tokens.ts";
import type { FolderPaths } from "./paths.ts";
import { TokenFile } from "./token-file.ts";

/** How often a broker looks whether its tokens have changed or it is to leave, in milliseconds. */
export const LOOK_MS = 1_000;

/** Who only looks whether the lock is held holds it for microseconds; so long a broker waits for it, in milliseconds. */
const LOCK_MS = 250;

/** See the module. */
export class Instance {
  /** The tokens of the folder, as they are now. */
  readonly tokens: Tokens;
  /** Where the log is to be kept. */
  readonly database: string;
  readonly #paths: FolderPaths;
  readonly #machine: Machine;
  readonly #lock: Lock;
  readonly #mark: BrokerMark;
  readonly #leaving = new AbortController();
  readonly #live: LiveTokens;
  #cancel: (() => void) | undefined;

  private constructor(paths: FolderPaths, machine: Machine, lock: Lock) {
    this.#paths = paths;
    this.#machine = machine;
    this.#lock = lock;
    this.#mark = { pid: machine.pid, startedAt: machine.clock.wall() };
    this.database = paths.database;
    const { files } = machine;
    // What a broker that was killed has left says nothing of this one.
    for (const path of [paths.broker, paths.leave]) files.remove(path);
    const file = new TokenFile(paths, machine);
    file.ensureRoot(false);
    this.tokens = this.#live = new LiveTokens(file, paths.tokens, machine);
    this.#lookLater();
  }

  /**
   * Makes this program the broker of the folder; undefined when another one is.
   *
   * @throws {FolderError} If the folder can't be used.
   */
  static take(paths: FolderPaths, machine: Machine): Instance | undefined {
    let lock: Lock | undefined;
    try {
      lock = machine.locks.take(paths.lock, LOCK_MS);
      return lock === undefined ? undefined : new Instance(paths, machine, lock);
    } catch (error) {
      lock?.release();
      if (error instanceof FolderError) throw error;
      throw new FolderError("unusable", `Cannot use the state folder ${paths.folder}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Aborted once another broker asks this one to leave. */
  get leaving(): AbortSignal {
    return this.#leaving.signal;
  }

  /** Tells where this broker listens. Where that can't be written down, the broker works, but is not found. */
  announce({ version, url }: Pick<BrokerInfo, "version" | "url">): void {
    const info: BrokerInfo = { version, ...this.#mark, url };
    const path = this.#paths.broker;
    try {
      this.#machine.files.write(path, `${JSON.stringify(info)}\n`);
    } catch (error) {
      logger("folder").error("cannot tell in {path} where the broker is: {reason}", { path, reason: reasonOf(error) });
    }
  }

  /** Lets others have the folder. To be called when nothing in it is used any more; may be called twice. */
  end(): void {
    const { files } = this.#machine;
    this.#cancel?.();
    if (this.#cancel === undefined) return;
    this.#cancel = undefined;
    try {
      for (const path of [this.#paths.broker, this.#paths.leave]) files.remove(path);
    } catch (error) {
      logger("folder").warn("{path} stays behind: {reason}", { path: this.#paths.broker, reason: reasonOf(error) });
    }
    this.#lock.release();
  }

  #lookLater(): void {
    this.#cancel = this.#machine.clock.after(LOOK_MS, () => {
      this.#lookLater();
      this.#live.refresh();
      if (this.#isToLeave()) this.#leaving.abort();
    });
  }

  #isToLeave(): boolean {
    const { files } = this.#machine;
    try {
      if (this.#leaving.signal.aborted || files.look(this.#paths.leave) === undefined) return false;
      const mark = parseBrokerMark(files.read(this.#paths.leave));
      files.remove(this.#paths.leave);
      return isSameBroker(mark, this.#mark);
    } catch (error) {
      logger("folder").warn("cannot tell whether another broker is to take over: {reason}", { reason: reasonOf(error) });
      return false;
    }
  }
}
