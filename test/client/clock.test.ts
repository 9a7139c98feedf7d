import { test } from "uvu";
import * as assert from "uvu/assert";
import { SYSTEM_CLOCK } from "../../src/client/clock.ts";

test("a task is called once, later, and not when it was called off", async () => {
  const called: string[] = [];
  const callOff = SYSTEM_CLOCK.after(0, () => called.push("called off"));
  const late = new Promise<void>((resolve) => void SYSTEM_CLOCK.after(0, () => (called.push("late"), resolve())));
  callOff();
  called.push("at once");
  await late;
  assert.equal(called, ["at once", "late"]);
});

test("a timer of more than 24.8 days is set for that, as longer ones would fire at once", () => {
  const { setTimeout } = globalThis;
  const delays: unknown[] = [];
  Object.assign(globalThis, { setTimeout: (_task: () => void, ms: number) => delays.push(ms) });
  try {
    for (const ms of [5, 2_147_483_647, 2_147_483_648, Infinity]) SYSTEM_CLOCK.after(ms, () => {});
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
  assert.equal(delays, [5, 2_147_483_647, 2_147_483_647, 2_147_483_647]);
});

test("a random number is from 0 up to 1", () => {
  for (let time = 0; time < 100; time += 1) {
    const number = SYSTEM_CLOCK.random();
    assert.ok(number >= 0 && number < 1, `${number}`);
  }
});

test.run();
