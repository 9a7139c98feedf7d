// limit: 300 s
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { rounds } from "../support/hard.ts";
import { anyEvent } from "../support/events.ts";
import { Race } from "./_race.ts";

/** Streams that join or start anew while others are told. */
const ROUNDS = rounds(10_000, 200_000);

/** Each run has more than this. */
const JOINS_PER_RUN = 13;

const deeds = fc.array(
  fc.tuple(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("sse", "ws", "resume") },
      { weight: 6, arbitrary: fc.constantFrom("publish") },
      { weight: 8, arbitrary: fc.constantFrom("step", "keep") },
      { weight: 6, arbitrary: fc.constant("breathe") },
    ),
    fc.nat(),
    anyEvent,
  ),
  { minLength: 60, maxLength: 120, size: "max" },
);

async function act(race: Race, deed: string, number: number, event: Parameters<Race["publish"]>[0]): Promise<void> {
  if (deed === "sse") race.joinSse(number);
  else if (deed === "ws") race.joinWs(number);
  else if (deed === "resume") race.resume(number);
  else if (deed === "publish") race.publish(event);
  else if (deed === "step") race.step();
  else if (deed === "keep") race.keep();
  else await race.breathe();
}

for (const isSlow of [false, true]) {
  const store = isSlow ? "a store that takes its time" : "a store in memory";
  test(`with ${store}, who joins while events come in is told each once, from where it began, ${ROUNDS / 2} times`, async () => {
    let joins = 0;
    const property = fc.asyncProperty(deeds, async (all) => {
      if (joins >= ROUNDS / 2) return;
      const race = new Race(isSlow);
      for (const [deed, number, event] of all) await act(race, deed, number, event);
      await race.finish();
      joins += race.joins;
    });
    await fc.assert(property, { numRuns: Math.ceil(ROUNDS / 2 / JOINS_PER_RUN) });
    assert.ok(joins >= ROUNDS / 2, `only ${joins} joined`);
  });
}

test.run();
