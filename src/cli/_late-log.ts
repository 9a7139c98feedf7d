/** A log that keeps its lines until it is started. @module */

import { holdLog } from "../ports/log.ts";
import type { LogSettings } from "./_log-options.ts";
import type { Io } from "./io.ts";

/** See the module. */
export class LateLog {
  readonly #io: Io;
  readonly #settings: LogSettings;
  readonly #write: (text: string) => void;
  readonly #release = holdLog();
  #started: Promise<() => void> | undefined;

  /** @param write Takes one record. */
  constructor(io: Io, settings: LogSettings, write: (text: string) => void) {
    this.#io = io;
    this.#settings = settings;
    this.#write = write;
  }

  /** Resolves once all that was kept is written. May be called twice. */
  async start(): Promise<void> {
    await (this.#started ??= this.#load());
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    (await this.#started)?.();
  }

  async #load(): Promise<() => void> {
    const { startLogging } = await import("./_logging.ts");
    const { level, format } = this.#settings;
    const tellRest = startLogging({ write: this.#write, level, format, clock: this.#io.clock });
    await this.#release();
    return tellRest;
  }
}
