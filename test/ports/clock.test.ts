import { test } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../src/ports/clock.ts";

/** Runs `work` with the steady clock of the runtime in the hand of the test. */
function withSteadyTime(work: (set: (ms: number) => void) => void): void {
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    work((ms) => time = ms);
  } finally {
    performance.now = now;
  }
}

/** The delays of the timers that `work` sets; none of them fires. */
function delaysOf(work: () => void): unknown[] {
  const { setTimeout } = globalThis;
  const delays: unknown[] = [];
  Object.assign(globalThis, { setTimeout: (_task: () => void, ms: number) => delays.push(ms) });
  try {
    work();
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
  return delays;
}

test("the steady clock tells whole milliseconds since it was made", () => {
  withSteadyTime((set) => {
    set(1_000.4);
    const clock = systemClock();
    assert.is(clock.now(), 0);
    set(1_001.3);
    assert.is(clock.now(), 0);
    set(1_001.4);
    assert.is(clock.now(), 1);
    set(6_000);
    assert.is(clock.now(), 4_999);
  });
});

test("the wall clock tells the time of day, whatever the steady one says", () => {
  const { now } = Date;
  try {
    Date.now = () => 1_900_000_000_000;
    assert.is(systemClock().wall(), 1_900_000_000_000);
  } finally {
    Date.now = now;
  }
});

test("a timer of more than 24.8 days is set for that, as longer ones would fire at once", () => {
  const day = 86_400_000;
  const delays = delaysOf(() => {
    for (const ms of [5, 24 * day, 2_147_483_647, 2_147_483_648, 365 * day, Infinity]) systemClock().after(ms, () => {});
  });
  assert.equal(delays, [5, 24 * day, 2_147_483_647, 2_147_483_647, 2_147_483_647, 2_147_483_647]);
});

test("a timer for a time that has passed fires as soon as it can", () => {
  assert.equal(delaysOf(() => systemClock().after(-1_000, () => {})), [0]);
});

test("a task is called once, later, and not when it was called off", async () => {
  const clock = systemClock();
  const called: string[] = [];
  const callOff = clock.after(0, () => called.push("called off"));
  const late = new Promise<void>((resolve) => void clock.after(0, () => (called.push("late"), resolve())));
  callOff();
  callOff();
  called.push("at once");
  await late;
  assert.equal(called, ["at once", "late"]);
});

test("deferred tasks have their turn after the work at hand, in the order in which they came", async () => {
  const clock = systemClock();
  const order: number[] = [];
  const done = new Promise<void>((resolve) => {
    for (const turn of [1, 2, 3]) clock.defer(() => (order.push(turn), turn === 3 && resolve()));
  });
  order.push(0);
  await Promise.resolve();
  assert.equal(order, [0]);
  await done;
  assert.equal(order, [0, 1, 2, 3]);
});

test("a runtime can bring its own way to defer", () => {
  const waiting: (() => void)[] = [];
  let ran = 0;
  systemClock((task) => void waiting.push(task)).defer(() => ran += 1);
  assert.equal([waiting.length, ran], [1, 0]);
  waiting[0]?.();
  assert.is(ran, 1);
});

test("a piece of work goes on for 4 ms, or as long as the runtime says", () => {
  withSteadyTime((set) => {
    for (const [clock, sliceMs] of [[systemClock(), 4], [systemClock(() => {}, 0.25), 0.25]] as const) {
      set(100);
      const isTimeUp = clock.slice();
      assert.is(isTimeUp(), false);
      set(100 + sliceMs - 0.01);
      assert.is(isTimeUp(), false);
      set(100 + sliceMs);
      assert.is(isTimeUp(), true);
      assert.is(clock.slice()(), false, "each piece has its own time");
    }
  });
});

test.run();
