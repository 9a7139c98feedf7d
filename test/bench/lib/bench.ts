/** Lets the targets take turns, and keeps what they show. @module */

import { NoiseGate } from "./noise.ts";
import { type Reading, type Row, type Sample, TARGET_NAMES, type TargetName } from "./row.ts";
import { Server } from "./server.ts";
import { type StoreName, TARGETS } from "./targets.ts";

/** How long a run waits for quiet and repeats noisy turns in all, in milliseconds. */
const GATE_MS = 600_000;
const QUICK_GATE_MS = 5_000;

/** Some rows that are measured together. */
export interface Suite {
  readonly name: string;
  readonly rows: readonly Row[];
  /** True when it takes minutes: a quick run leaves it out unless it is named. */
  readonly isLong?: boolean;
  run(bench: Bench): Promise<void>;
}

/** A server that is ready for its turns. */
export interface Player {
  /** One turn. */
  measure(): Promise<readonly Reading[]>;
  /** CPU that processes of its own have used so far, in milliseconds; they are no noise. */
  cpuMs?(): number;
  /** Lets go of what {@linkcode Contestant.prepare} has opened. */
  close?(): void;
}

/** Who takes part, and how it is made ready. */
export interface Contestant {
  readonly target: TargetName;
  /** Where Perch keeps its log. Default: in memory. */
  readonly store?: StoreName;
  /** False when a turn changes what the next one would show, so that a noisy one counts as it is. Default true. */
  readonly isRepeatable?: boolean;
  prepare(server: Server): Promise<Player>;
}

/** All targets, made ready in one way. */
export function everyTarget(prepare: (server: Server, target: TargetName) => Promise<Player>): Contestant[] {
  return TARGET_NAMES.map((target) => ({ target, prepare: (server) => prepare(server, target) }));
}

/** A contestant with its own running server. */
interface Live {
  readonly contestant: Contestant;
  readonly server: Server;
  readonly player: Player;
}

/** One run of the benchmark. */
export class Bench {
  readonly samples: Sample[] = [];
  /** What went wrong beside the faults of samples. */
  readonly problems: string[] = [];
  /** How often everything is measured; some suites take a multiple of it. */
  readonly rounds: number;
  /** True when it is about whether all works, and not about numbers. */
  readonly isQuick: boolean;

  readonly #gate: NoiseGate;

  constructor(rounds: number, isQuick: boolean) {
    this.rounds = rounds;
    this.isQuick = isQuick;
    this.#gate = new NoiseGate(isQuick ? QUICK_GATE_MS : GATE_MS);
  }

  /** All servers run at once and have their turns one after the other: A B C, C B A. For short turns. */
  async together(rounds: number, contestants: readonly Contestant[]): Promise<void> {
    const live: Live[] = [];
    try {
      for (const contestant of contestants) {
        const one = await this.#begin(contestant);
        if (one !== undefined) live.push(one);
      }
      for (let round = 0; round < rounds; round += 1) {
        for (const one of inOrder(live, round)) await this.#turn(one, round);
      }
    } finally {
      for (const one of live) await end(one);
    }
  }

  /** Each turn has a fresh server, and no other one runs. */
  async afresh(rounds: number, contestants: readonly Contestant[]): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      for (const contestant of inOrder(contestants, round)) {
        const one = await this.#begin(contestant);
        if (one === undefined) continue;
        try {
          await this.#turn(one, round);
        } finally {
          await end(one);
        }
      }
    }
  }

  async #begin(contestant: Contestant): Promise<Live | undefined> {
    let server: Server | undefined;
    try {
      server = await Server.start(TARGETS[contestant.target], contestant.store);
      return { contestant, server, player: await contestant.prepare(server) };
    } catch (error) {
      this.#note(contestant, error);
      await server?.stop();
      return undefined;
    }
  }

  async #turn({ contestant, server, player }: Live, round: number): Promise<void> {
    const { target, isRepeatable = true } = contestant;
    const cpuMs = () => server.cpuMs() + (player.cpuMs?.() ?? 0);
    try {
      const { result, othersPct } = await this.#gate.measure(cpuMs, isRepeatable, () => player.measure());
      for (const reading of result) this.samples.push({ ...reading, target, round, othersPct });
    } catch (error) {
      this.#note(contestant, error);
    }
  }

  #note({ target }: Contestant, error: unknown): void {
    this.problems.push(`${target}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const inOrder = <Item>(items: readonly Item[], round: number): readonly Item[] => round % 2 === 0 ? items : items.toReversed();

async function end({ player, server }: Live): Promise<void> {
  player.close?.();
  await server.stop();
}
