import { test } from "uvu";
import * as assert from "uvu/assert";
import { Alarm } from "../src/alarm.ts";
import { FakeClock } from "./support/fake-clock.ts";

function alarmOf(now = 0) {
  const clock = new FakeClock({ now });
  const rung: number[] = [];
  const alarm = new Alarm(clock, () => rung.push(clock.now()));
  return { clock, alarm, rung };
}

test("it rings once, at its time", () => {
  const { clock, alarm, rung } = alarmOf(1_000);
  alarm.set(1_050);
  clock.advance(49);
  assert.equal(rung, []);
  clock.advance(1_000);
  assert.equal(rung, [1_050]);
});

test("of several times the earliest counts, and there is one timer", () => {
  const { clock, alarm, rung } = alarmOf();
  for (const at of [30, 10, 10, 20]) {
    alarm.set(at);
    assert.is(clock.pending, 1);
  }
  clock.advance(100);
  assert.equal(rung, [10]);
});

test("after it has rung it can be set anew, also by its own task", () => {
  const clock = new FakeClock();
  const rung: number[] = [];
  const alarm: Alarm = new Alarm(clock, () => {
    if (rung.push(clock.now()) < 3) alarm.set(clock.now() + 10);
  });
  alarm.set(10);
  clock.advance(100);
  assert.equal([rung, clock.pending], [[10, 20, 30], 0]);
});

test("a time that has passed rings as soon as it can", () => {
  const { clock, alarm, rung } = alarmOf(500);
  alarm.set(100);
  clock.advance(0);
  assert.equal(rung, [500]);
});

test("what was called off does not ring, and can be set anew", () => {
  const { clock, alarm, rung } = alarmOf();
  alarm.set(10);
  alarm.cancel();
  assert.is(clock.pending, 0);
  alarm.set(20);
  clock.advance(100);
  assert.equal(rung, [20]);
});

test.run();
