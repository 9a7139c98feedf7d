import { test } from "uvu";
import * as assert from "uvu/assert";
import { denoClock, nodeClock } from "../../adapters/clock.ts";

/** Runs `work` with the timers of the runtime noted, in order, and fired only by the `run` that it is given. */
function withTurns(work: (turns: string[], run: (count: number) => void) => void): void {
  const { setTimeout, setImmediate } = globalThis;
  const turns: string[] = [];
  const waiting: (() => void)[] = [];
  const take =
    (name: string, start: (task: (...args: unknown[]) => void, args: unknown[]) => () => void) =>
    (task: (...args: unknown[]) => void, ...args: unknown[]) => {
      turns.push(name);
      waiting.push(start(task, args));
    };
  Object.assign(globalThis, {
    setImmediate: take("soon", (task, args) => () => task(...args)),
    setTimeout: take("timer", (task, [ms, ...args]) => () => (assert.is(ms, 0), task(...args))),
  });
  try {
    work(turns, (count) => {
      for (let turn = 0; turn < count; turn += 1) waiting.shift()?.();
    });
  } finally {
    Object.assign(globalThis, { setTimeout, setImmediate });
  }
}

/** The slice of a clock in milliseconds, found by its end. */
function sliceOf(make: typeof nodeClock): number {
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    const isTimeUp = make().slice();
    while (!isTimeUp()) time += 0.125;
    return time;
  } finally {
    performance.now = now;
  }
}

const soon = (count: number): string[] => Array.from({ length: count }, () => "soon");

test("on Node every deferred task waits for one turn of input and output, never for a timer", () => {
  withTurns((turns, run) => {
    const clock = nodeClock();
    const again = () => clock.defer(again);
    again();
    run(200);
    assert.equal(turns, soon(201));
  });
});

test("on Deno every 32nd turn in a row waits for a timer, so that input and output do not starve", () => {
  withTurns((turns, run) => {
    const clock = denoClock();
    const again = () => clock.defer(again);
    again();
    run(95);
    assert.equal(turns, [...soon(31), "timer", ...soon(31), "timer", ...soon(31), "timer"]);
  });
});

test("on Deno turns are in a row only when the task before has deferred the next", () => {
  withTurns((turns, run) => {
    const clock = denoClock();
    for (let count = 0; count < 100; count += 1) {
      clock.defer(() => {});
      run(1);
    }
    assert.equal(turns, soon(100));
  });
});

test("on Deno new work begins a new row", () => {
  withTurns((turns, run) => {
    const clock = denoClock();
    const row = (left: number) => () => left > 0 && clock.defer(row(left - 1));
    for (const _ of [1, 2, 3]) {
      clock.defer(row(20));
      run(21);
    }
    assert.equal(turns, soon(63));
  });
});

test("on Deno a task that throws ends its row", () => {
  withTurns((turns, run) => {
    const clock = denoClock();
    const row = (left: number) => () => {
      if (left === 0) throw new Error("broken task");
      clock.defer(row(left - 1));
    };
    clock.defer(row(29));
    run(29);
    assert.throws(() => run(1), /broken task/);
    for (let count = 0; count < 10; count += 1) clock.defer(() => {});
    assert.equal(turns, soon(40));
  });
});

test("tasks run in the order in which they were deferred, with either clock", async () => {
  for (const clock of [nodeClock(), denoClock()]) {
    const order: number[] = [];
    await new Promise<void>((resolve) => {
      for (const turn of [1, 2, 3]) clock.defer(() => (order.push(turn), turn === 3 && resolve()));
      order.push(0);
    });
    assert.equal(order, [0, 1, 2, 3]);
  }
});

test("a piece of work goes on for 1 ms on Node, and for a quarter of that on Deno", () => {
  assert.equal([sliceOf(nodeClock), sliceOf(denoClock)], [1, 0.25]);
});

test.run();
