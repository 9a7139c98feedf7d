/** `perch serve`: runs a broker until it is told to stop. @module */

import { VERSION } from "../version.ts";
import { HOST, localUrl, PORT } from "./_address.ts";
import type { Command } from "./_command.ts";
import { EXIT, FailedError, UsageError } from "./_exit.ts";
import type { Flags } from "./_flags.ts";
import { enterStateDir, REPLACE, STATE_DIR } from "./_folder.ts";
import { LateLog } from "./_late-log.ts";
import { LOG_OPTIONS, readLogSettings } from "./_log-options.ts";
import { openLogTarget } from "./_log-target.ts";
import { choiceOption, integerOption, listOption, switchOption, textOption } from "./_option.ts";
import { parseOrigin } from "./_origin.ts";
import { logger } from "../ports/log.ts";
import type { BrokerSettings, Io, StartedBroker } from "./io.ts";

const PET = textOption({
  name: "pet",
  hint: "SLUG",
  description: "pet that floaters show until another is chosen",
  env: ["PERCH_PET", "MAVIS_PET_DEFAULT_PET"],
  fallback: undefined,
});
const STORE = choiceOption({
  name: "store",
  description: "where the log is kept: in the state folder, or in memory only, where it ends with the broker",
  env: ["PERCH_STORE"],
  words: ["sqlite", "memory"],
  fallback: "sqlite",
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

const METRICS = choiceOption({
  name: "metrics",
  description: "who may read /metrics: holders of the scope admin, or every program of this machine, too",
  env: ["PERCH_METRICS"],
  words: ["admin", "loopback"],
  fallback: "admin",
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
    STATE_DIR,
    REPLACE,
    STORE,
    MAX_SESSIONS,
    MAX_READERS,
    ALLOW_ORIGIN,
    INSECURE_HTTP,
    METRICS,
    ...LOG_OPTIONS,
  ],
  examples: ["perch --port 0", "perch serve --pet boba --allow-origin http://localhost:5173"],
  async run(flags, io) {
    const { isKept, ...settings } = readSettings(flags);
    const logSettings = readLogSettings(flags);
    const stop = io.stopSignal();
    const write = await openLogTarget(logSettings.file, io);
    const log = new LateLog(io, logSettings, write);
    const instance = await enterStateDir(flags, io, stop);
    if (instance === undefined) return EXIT.ok;
    const { tokens } = instance;
    const database = isKept ? instance.database : undefined;
    try {
      const broker = await start({ ...settings, tokens, database }, io).catch(async (error) => {
        await log.start();
        throw error;
      });
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
      await log.end();
    }
    return EXIT.ok;
  },
};

/** When the log starts after the broker, in milliseconds. */
const LOG_DELAY_MS = 50;

function readSettings(flags: Flags): Omit<BrokerSettings, "tokens" | "database"> & { readonly isKept: boolean } {
  const host = flags.get(HOST);
  const isExposed = flags.get(INSECURE_HTTP);
  const metrics = flags.get(METRICS);
  if (!isExposed && !isLoopback(host)) {
    const problem = `The host ${
      JSON.stringify(host)
    } can be reached from other machines, and there are no tokens and no TLS yet`;
    throw new UsageError(`${problem}: use 127.0.0.1, or add --insecure-http if you mean it`);
  }
  if (metrics === "loopback" && !isLoopback(host)) {
    throw new UsageError(`--metrics loopback would show the metrics to whoever reaches ${JSON.stringify(host)}: leave it out`);
  }
  return {
    host,
    port: flags.get(PORT),
    pet: flags.get(PET),
    maxSessions: flags.get(MAX_SESSIONS),
    maxReaders: flags.get(MAX_READERS),
    origins: flags.get(ALLOW_ORIGIN),
    isKept: flags.get(STORE) === "sqlite",
    metrics,
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
