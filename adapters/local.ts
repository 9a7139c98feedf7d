/**
 * For programs on Node and Deno: the client that finds the broker of this user by itself, and starts one where none runs.
 *
 * ```ts
 * import { connect } from "@perch/broker/local";
 *
 * const connection = await connect({ spawn: true });
 * connection.on("change", () => console.log(connection.state()?.state));
 * ```
 *
 * @module
 */

import { connect as connectTo, type Connection, type ConnectOptions } from "../src/client/client.ts";
import { findBroker as findIn, type FoundBroker } from "../src/folder/find.ts";
import { folderPath } from "../src/folder/place.ts";
import { loadHere } from "./machine.ts";
import { spawnBroker, SpawnError, type SpawnOptions } from "./spawn.ts";

export { SpawnError, type SpawnOptions, type SpawnProblem } from "./spawn.ts";
export type { BrokerInfo } from "../src/folder/discovery.ts";
export type { FoundBroker } from "../src/folder/find.ts";
export type { Connection, ConnectOptions } from "../src/client/client.ts";

/** Where to look for a broker. */
export interface FindOptions {
  /** The state folder. Default: `PERCH_STATE_DIR`, else the system's place for the data of a user, as for `perch serve`. */
  readonly stateDir?: string | undefined;
}

/** Options of {@linkcode connect}: those of the client but `url` and `token`, which the state folder tells. */
export interface LocalOptions extends FindOptions, Omit<ConnectOptions, "url" | "token"> {
  /** Whether, and how, to start a broker where none runs. Default false. */
  readonly spawn?: boolean | SpawnOptions | undefined;
}

/**
 * The broker that runs on the state folder, with its address and token; undefined when none runs there. It asks nobody but the
 * disk: the broker may be too busy to answer.
 */
export async function findBroker(options: FindOptions = {}): Promise<FoundBroker | undefined> {
  const { machine, surroundings } = await loadHere();
  return findIn(folderPath(options.stateDir ?? (surroundings.env("PERCH_STATE_DIR") || undefined), surroundings), machine);
}

/**
 * Connects to the broker that runs on the state folder, with the folder's root token, which is read anew before each try. With
 * `spawn`, one is started in the background where none runs; it goes on when this program ends. Programs that do so at the same
 * time end up with the same broker.
 *
 * @throws {SpawnError} If no broker runs and none was to be started, or it did not start.
 */
export async function connect({ stateDir, spawn = false, ...options }: LocalOptions = {}): Promise<Connection> {
  const { machine, surroundings } = await loadHere();
  const folder = folderPath(stateDir ?? (surroundings.env("PERCH_STATE_DIR") || undefined), surroundings);
  const broker = findIn(folder, machine) ?? await startIn(folder, spawn);
  const token = (): string | undefined => {
    const found = findIn(folder, machine);
    // Whoever else listens there by now must not be shown it.
    return found?.url === broker.url ? found.token : undefined;
  };
  return connectTo({ ...options, url: broker.url, token });
}

async function startIn(folder: string, spawn: boolean | SpawnOptions): Promise<FoundBroker> {
  if (spawn === false) {
    const help = 'start one with "perch", or pass spawn: true';
    throw new SpawnError("no_broker", `No broker runs on the state folder ${folder}: ${help}`);
  }
  const { machine } = await loadHere();
  return await spawnBroker(folder, spawn === true ? {} : spawn, machine);
}
