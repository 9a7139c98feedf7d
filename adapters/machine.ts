/** The machine, on whichever runtime this is. @module */

import type { Surroundings } from "../src/folder/place.ts";
import type { Machine } from "../src/ports/machine.ts";
import { denoClock, nodeClock } from "./clock.ts";

/** What the state folder rests on, and where this program runs. */
export interface Here {
  readonly machine: Machine;
  readonly surroundings: Surroundings;
}

/** Loads what this runtime needs. */
export async function loadHere(): Promise<Here> {
  if (typeof Deno === "object") {
    const [{ denoMachine }, { denoSurroundings }] = await Promise.all([
      import("./deno-machine.ts"),
      import("./deno-surroundings.ts"),
    ]);
    return { machine: await denoMachine(denoClock()), surroundings: denoSurroundings };
  }
  const [{ nodeMachine }, { nodeSurroundings }] = await Promise.all([
    import("./node-machine.ts"),
    import("./node-surroundings.ts"),
  ]);
  return { machine: await nodeMachine(nodeClock()), surroundings: nodeSurroundings };
}
