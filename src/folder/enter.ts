/** How a broker gets its state folder, also from another broker. @module */

import type { Machine } from "../ports/machine.ts";
import { type BrokerInfo, isSameBroker, parseBrokerInfo, parseBrokerMark } from "./discovery.ts";
import { FolderError } from "./error.ts";
import { Instance } from "./instance.ts";
import type { FolderPaths } from "./paths.ts";
import { secureFolder } from "./secure.ts";

/** A broker notices within 1 s that it is to leave, and ends within 5 s; then another one gives up. In milliseconds. */
export const LEAVE_MS = 10_000;

/** How often it is looked whether the other broker has left, in milliseconds. */
const TRY_MS = 50;

/** How to enter a folder. */
export interface EnterOptions {
  /** The folder, absolute. */
  readonly path: string;
  /** Whether a broker that runs on it is asked to leave. */
  readonly isReplacing: boolean;
  /** Aborted when it is not wanted any more. */
  readonly stop: AbortSignal;
}

/**
 * Makes this program the one broker of a state folder. To have another one leave, it is asked through the folder: who can write
 * there is its user, whatever ports, tokens and certificates that broker has, and no signal can hit a stranger that has got its
 * number. Undefined when `stop` was aborted meanwhile.
 *
 * @throws {FolderError} If the folder can't be used; `running` when another broker runs on it, `stays` when that did not leave.
 */
export async function enterFolder(options: EnterOptions, machine: Machine): Promise<Instance | undefined> {
  const paths = secureFolder(options.path, machine.files);
  const instance = Instance.take(paths, machine);
  if (instance !== undefined) return instance;
  if (!options.isReplacing) throw isRunning(paths, brokerOf(paths, machine));
  return await replace(paths, machine, options.stop);
}

async function replace(paths: FolderPaths, machine: Machine, stop: AbortSignal): Promise<Instance | undefined> {
  const { clock, files } = machine;
  const deadline = clock.now() + LEAVE_MS;
  let asked: BrokerInfo | undefined;
  try {
    while (clock.now() < deadline && !stop.aborted) {
      const present = brokerOf(paths, machine);
      if (present !== undefined && asked === undefined) {
        asked = present;
        files.write(paths.leave, `${JSON.stringify({ pid: present.pid, startedAt: present.startedAt })}\n`);
      }
      if (present !== undefined && !isSameBroker(present, asked)) throw isRunning(paths, present);
      await new Promise<void>((resolve) => void clock.after(TRY_MS, resolve));
      const instance = Instance.take(paths, machine);
      if (instance !== undefined) return instance;
    }
  } finally {
    if (isSameBroker(asked, parseBrokerMark(files.read(paths.leave)))) files.remove(paths.leave);
  }
  if (stop.aborted) return undefined;
  const who = asked === undefined ? "The broker" : `The broker at ${asked.url} (process ${asked.pid})`;
  const problem = `${who} has not left the state folder ${paths.folder} within ${LEAVE_MS / 1000} s`;
  throw new FolderError("stays", `${problem}: end it yourself, or use another folder with --state-dir`);
}

const brokerOf = (paths: FolderPaths, { files }: Machine): BrokerInfo | undefined => parseBrokerInfo(files.read(paths.broker));

function isRunning({ folder }: FolderPaths, broker: BrokerInfo | undefined): FolderError {
  const where = broker === undefined
    ? `A Perch broker that is starting or ending has the state folder ${folder}`
    : `A Perch broker already runs on the state folder ${folder}: at ${broker.url}, process ${broker.pid}`;
  const help = "Use that one, put this one in its place with --replace, or name another folder with --state-dir";
  return new FolderError("running", `${where}. ${help}`);
}
