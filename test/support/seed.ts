/** Randomness that a failed test can be repeated with. @module */

/** Random numbers of one seed. */
export interface Random {
  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** The seed of this run: `TEST_SEED` of the environment, else one of its own. */
export const SEED: number = Number(process.env["TEST_SEED"] ?? Date.now() % 2 ** 31);

/** Runs `body` with random numbers of `seed`. What it throws comes out with the seed. */
export async function seeded(body: (random: Random) => Promise<void>, seed: number = SEED): Promise<void> {
  try {
    await body(randomOf(seed));
  } catch (cause) {
    throw new Error(`With TEST_SEED=${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** The generator mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6D2B79F5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit);
  };
  return {
    below,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError("Cannot pick one of none");
      return item;
    },
  };
}
