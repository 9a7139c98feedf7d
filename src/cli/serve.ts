/** `perch serve`: runs a broker until it is told to stop. @module */

import { VERSION } from "../version.ts";
import { HOST, localUrl, PORT } from "./_address.ts";
import type { Command } from "./_command.ts";
import { EXIT, FailedError, UsageError } from "./_exit.ts";
import type { Flags } from "./_flags.ts";
import { enterStateDir, REPLACE, STATE_DIR } from "./_folder.ts";
import { LOG_LEVELS, type LogLevel } from "./_log-levels.ts";
import { choiceOption, integerOption, listOption, switchOption, textOption } from "./_option.ts";
import { parseOrigin } from "./_origin.ts";
import { holdLog, logger } from "../ports/log.ts";
import type { BrokerSettings, Io, StartedBroker } from "./io.ts";

const PET = textOption({
  name: "pet",
  hint: "SLUG",
  description: "pet that floaters show until another is chosen",
  env: ["PERCH_PET", "MAVIS_PET_DEFAULT_PET"],
  fallback: undefined,
});
const LOG_LEVEL = choiceOption({
  name: "log-level",
  description: "least level of the log lines on stderr",
  env: ["PERCH_LOG_LEVEL", "MAVIS_PET_LOG_LEVEL"],
  words: LOG_LEVELS,
  fallback: "info",
});
const QUIET = switchOption({ name: "quiet", description: "no log lines below warn, whatever --log-level says" });
const STORE = choiceOption({
  name: "store",
  description: "where the log is kept",
  env: ["PERCH_STORE"],
  words: ["sqlite", "memory"],
  fallback: "memory",
});
const MAX_SESSIONS = integerOption({
  name: "max-sessions",
  hint: "N",
  description: "live sessions at most; for one more, the one that was quiet for longest is forgotten",
  env: ["PERCH_MAX_SESSIONS"],
  min: 1,
  max: 10_000_000,
  fallback: 10_000,
});
const MAX_READERS = integerOption({
  name: "max-readers",
  hint: "N",
  description: "readers at most, over all transports",
  env: ["PERCH_MAX_READERS"],
  min: 1,
  max: 1_000_000,
  fallback: 1_000,
});
const ALLOW_ORIGIN = listOption({
  name: "allow-origin",
  hint: "ORIGIN",
  description: "origin of other pages that may use the broker, e.g. http://localhost:5173; null for pages opened as files",
  env: ["PERCH_ALLOW_ORIGIN"],
  check: parseOrigin,
});
const INSECURE_HTTP = switchOption({
  name: "insecure-http",
  description: "listen beyond this machine, where anybody who reaches the port may read and write everything",
});

/** `perch serve` */
export const serveCommand: Command = {
  name: "serve",
  description: "run the broker",
  words: [],
  options: [
    HOST,
    PORT,
    PET,
    LOG_LEVEL,
    QUIET,
    STATE_DIR,
    REPLACE,
    STORE,
    MAX_SESSIONS,
    MAX_READERS,
    ALLOW_ORIGIN,
    INSECURE_HTTP,
  ],
  examples: ["perch --port 0", "perch serve --pet boba --allow-origin http://localhost:5173"],
  async run(flags, io) {
    const { isKept, ...settings } = readSettings(flags);
    const level = flags.get(LOG_LEVEL);
    const stop = io.stopSignal();
    const isQuiet = flags.get(QUIET);
    const log = new LateLog(io, isQuiet && level !== "error" ? "warn" : level);
    const instance = await enterStateDir(flags, io, stop);
    if (instance === undefined) return EXIT.ok;
    const { tokens } = instance;
    const database = isKept ? instance.database : undefined;
    try {
      const broker = await start({ ...settings, tokens, database }, io);
      instance.announce({ version: VERSION, url: localUrl(broker.url) });
      io.stderr(`perch listening on ${broker.url} (sse /events, ws /ws)\n`);
      // A moment later, since the first hook may be waiting already.
      const cancel = io.clock.after(LOG_DELAY_MS, () => void log.start());
      await aborted(AbortSignal.any([stop, instance.leaving]));
      cancel();
      await log.start();
      if (!stop.aborted) logger("serve").info("leaving: another broker takes over the state folder");
      logger("serve").debug("stopping: readers are told when to come back");
      await broker.close();
    } finally {
      instance.end();
    }
    return EXIT.ok;
  },
};

/** When the log starts after the broker, in milliseconds. */
const LOG_DELAY_MS = 50;

/** A log that keeps its lines until it is started. */
class LateLog {
  readonly #io: Io;
  readonly #level: LogLevel;
  readonly #release = holdLog();
  #started: Promise<void> | undefined;

  constructor(io: Io, level: LogLevel) {
    this.#io = io;
    this.#level = level;
  }

  /** Resolves once all that was kept is written. May be called twice. */
  start(): Promise<void> {
    return this.#started ??= this.#load();
  }

  async #load(): Promise<void> {
    const { logTo } = await import("./_logging.ts");
    logTo((line) => this.#io.stderr(line), this.#level);
    await this.#release();
  }
}

function readSettings(flags: Flags): Omit<BrokerSettings, "tokens" | "database"> & { readonly isKept: boolean } {
  const host = flags.get(HOST);
  const isExposed = flags.get(INSECURE_HTTP);
  if (!isExposed && !isLoopback(host)) {
    const problem = `The host ${
      JSON.stringify(host)
    } can be reached from other machines, and there are no tokens and no TLS yet`;
    throw new UsageError(`${problem}: use 127.0.0.1, or add --insecure-http if you mean it`);
  }
  return {
    host,
    port: flags.get(PORT),
    pet: flags.get(PET),
    maxSessions: flags.get(MAX_SESSIONS),
    maxReaders: flags.get(MAX_READERS),
    origins: flags.get(ALLOW_ORIGIN),
    isKept: flags.get(STORE) === "sqlite",
  };
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(?:\.[0-9]{1,3}){3}$/.test(host);

async function start(settings: BrokerSettings, io: Io): Promise<StartedBroker> {
  try {
    return await io.serve(settings);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const { whyNot } = await import("./_why-not.ts");
    throw new FailedError(await whyNot(settings, code, error, io), { cause: error });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
