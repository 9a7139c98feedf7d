/** `perch serve`: runs a broker until it is told to stop. @module */

import { VERSION } from "../version.ts";
import { HOST, localUrl, PORT } from "./_address.ts";
import type { Command } from "./_command.ts";
import { DOOR_OPTIONS, readDoors } from "./_doors.ts";
import { EXIT, FailedError } from "./_exit.ts";
import type { Flags } from "./_flags.ts";
import { enterStateDir, REPLACE, STATE_DIR } from "./_folder.ts";
import { LateLog } from "./_late-log.ts";
import { LOG_OPTIONS, readLogSettings } from "./_log-options.ts";
import { openLogTarget } from "./_log-target.ts";
import { choiceOption, integerOption, textOption } from "./_option.ts";
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
/** `perch serve` */
export const serveCommand: Command = {
  name: "serve",
  description: "run the broker",
  words: [],
  options: [HOST, PORT, PET, STATE_DIR, REPLACE, STORE, MAX_SESSIONS, MAX_READERS, ...DOOR_OPTIONS, ...LOG_OPTIONS],
  examples: ["perch --port 0", "perch serve --pet boba --allow-origin http://localhost:5173"],
  async run(flags, io) {
    const { isKept, ...settings } = await readSettings(flags, io);
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

/** What flags and files say; the rest is known once the state folder is entered. */
async function readSettings(
  flags: Flags,
  io: Io,
): Promise<Omit<BrokerSettings, "tokens" | "database"> & { readonly isKept: boolean }> {
  const host = flags.get(HOST);
  return {
    host,
    port: flags.get(PORT),
    pet: flags.get(PET),
    maxSessions: flags.get(MAX_SESSIONS),
    maxReaders: flags.get(MAX_READERS),
    isKept: flags.get(STORE) === "sqlite",
    ...await readDoors(flags, host, io),
  };
}

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
