import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { FakeClock } from "./fake-clock.ts";

test("stands still until it is advanced", () => {
  const clock = new FakeClock();
  const calls: string[] = [];
  clock.after(0, () => calls.push("timer"));
  clock.defer(() => calls.push("deferred"));
  assert.equal([clock.now(), clock.pending, clock.deferred, calls], [0, 1, 1, []]);
  clock.advance(0);
  assert.equal([clock.now(), clock.pending, clock.deferred, calls], [0, 0, 0, ["deferred", "timer"]]);
});

test("fires timers in the order of their time, and those of one time in the order in which they were made", () => {
  const clock = new FakeClock({ now: 100 });
  const calls: string[] = [];
  const note = (name: string) => () => calls.push(`${name} at ${clock.now()}`);
  clock.after(20, note("c"));
  clock.after(10, note("a"));
  clock.after(20, note("d"));
  clock.after(10, note("b"));
  clock.after(21, note("e"));
  clock.advance(20);
  assert.equal(calls, ["a at 110", "b at 110", "c at 120", "d at 120"]);
  assert.is(clock.pending, 1);
});

test("fires a timer at its time and not a millisecond before", () => {
  const clock = new FakeClock();
  let fired = 0;
  clock.after(50, () => fired += 1);
  clock.advance(49);
  assert.is(fired, 0);
  clock.advance(1);
  assert.is(fired, 1);
  clock.advance(1000);
  assert.is(fired, 1);
});

test("fires timers that are made on the way, within the same advance", () => {
  const clock = new FakeClock();
  const at: number[] = [];
  const tick = () => {
    at.push(clock.now());
    clock.after(10, tick);
  };
  clock.after(10, tick);
  clock.advance(35);
  assert.equal(at, [10, 20, 30]);
  assert.is(clock.now(), 35);
});

test("runs deferred tasks between the timers, and those that they defer", () => {
  const clock = new FakeClock();
  const calls: string[] = [];
  clock.after(1, () => {
    calls.push("first timer");
    clock.defer(() => {
      calls.push(`deferred at ${clock.now()}`);
      clock.defer(() => calls.push("deferred once more"));
    });
  });
  clock.after(1, () => calls.push("second timer"));
  clock.advance(5);
  assert.equal(calls, ["first timer", "deferred at 1", "deferred once more", "second timer"]);
});

test("does not fire a timer that was cancelled, even by a timer of the same time", () => {
  const clock = new FakeClock();
  const cancel = clock.after(10, () => assert.unreachable());
  const cancelLater: (() => void)[] = [];
  clock.after(10, () => cancelLater.forEach((call) => call()));
  cancelLater.push(clock.after(10, () => assert.unreachable()));
  cancel();
  cancel();
  assert.is(clock.pending, 2);
  clock.advance(10);
  assert.is(clock.pending, 0);
});

test("takes a negative delay for none, and fires too long ones early as the real clock does", () => {
  const clock = new FakeClock();
  const at: number[] = [];
  clock.after(-5, () => at.push(clock.now()));
  clock.after(Number.POSITIVE_INFINITY, () => at.push(clock.now()));
  clock.advance(2 ** 31);
  assert.equal(at, [0, 2 ** 31 - 1]);
});

test("refuses to go back, to move by parts of a millisecond, and NaN", () => {
  const clock = new FakeClock();
  for (const ms of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => clock.advance(ms), (error: unknown) => error instanceof RangeError);
  }
  assert.throws(() => clock.after(Number.NaN, () => {}), /NaN ms/);
  assert.is(clock.now(), 0);
});

test("refuses to be advanced from inside a task", () => {
  const clock = new FakeClock();
  clock.after(1, () => clock.advance(1));
  assert.throws(() => clock.advance(1), /from inside a task/);
  clock.advance(1);
  assert.is(clock.now(), 2);
});

test("lets an error of a task out at its time, and keeps the rest waiting", () => {
  const clock = new FakeClock();
  let fired = 0;
  clock.after(1, () => {
    throw new Error("broken task");
  });
  clock.after(2, () => fired += 1);
  assert.throws(() => clock.advance(5), /broken task/);
  assert.equal([clock.now(), clock.pending, fired], [1, 1, 0]);
  clock.advance(1);
  assert.is(fired, 1);
});

test("stops tasks that make each other without end", () => {
  const clock = new FakeClock();
  const again = () => clock.defer(again);
  again();
  assert.throws(() => clock.advance(0), /they never end/);
});

test("shifts the wall clock without touching the steady clock or the timers", () => {
  const clock = new FakeClock({ now: 7, wall: 1_000 });
  let fired = 0;
  clock.after(10, () => fired += 1);
  clock.shiftWall(3_600_000);
  assert.equal([clock.now(), clock.wall()], [7, 3_601_000]);
  clock.shiftWall(-7_200_000);
  clock.advance(9);
  assert.equal([clock.now(), clock.wall(), fired], [16, 1_000 - 3_600_000 + 9, 0]);
  clock.advance(1);
  assert.is(fired, 1);
});

test("fires every timer once and in order, in however many steps time passes", () => {
  const delays = fc.array(fc.nat(50), { maxLength: 20 });
  const steps = fc.array(fc.nat(30), { maxLength: 10 });
  fc.assert(fc.property(delays, steps, (delays, steps) => {
    const clock = new FakeClock();
    const fired: number[] = [];
    for (const delay of delays) {
      clock.after(delay, () => {
        assert.is(clock.now(), delay);
        fired.push(delay);
      });
    }
    for (const step of steps) clock.advance(step);
    clock.advance(50);
    assert.equal(fired, [...delays].sort((a, b) => a - b));
    assert.is(clock.now(), steps.reduce((sum, step) => sum + step, 50));
    assert.is(clock.pending, 0);
  }));
});

test.run();
