import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Meter, MOST_CLIENTS, RateLimiter } from "../../src/core/rate-limiter.ts";

test("after a rest as many are let through at once as the burst has, and not one more", () => {
  for (const burst of [1, 3, 1_000]) {
    const meter = new Meter({ perSecond: 10, burst });
    for (let n = 0; n < burst; n += 1) assert.is(meter.take(5_000), 0, `number ${n}`);
    assert.is(meter.take(5_000), 100);
  }
});

test("who waits as long as it was told is let through, and not a millisecond earlier", () => {
  const meter = new Meter({ perSecond: 10 / 60, burst: 10 });
  for (let n = 0; n < 10; n += 1) meter.take(0);
  assert.is(meter.take(0), 6_000);
  assert.is(meter.take(5_999), 1);
  assert.equal([meter.take(6_000), meter.take(6_000)], [0, 6_000]);
});

test("what is not let through is not counted", () => {
  const meter = new Meter({ perSecond: 1, burst: 1 });
  meter.take(0);
  for (let n = 0; n < 100; n += 1) assert.is(meter.take(500), 500);
  assert.is(meter.take(1_000), 0);
});

test("in any stretch of time no more are let through than the rate and one burst", () => {
  fc.assert(fc.property(
    fc.record({ perSecond: fc.integer({ min: 1, max: 300 }), burst: fc.integer({ min: 1, max: 20 }) }),
    fc.array(fc.nat(50), { maxLength: 300 }),
    (rate, pauses) => {
      const meter = new Meter(rate);
      const taken: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        if (meter.take(now) === 0) taken.push(now);
      }
      for (const [first, from] of taken.entries()) {
        for (const [last, to] of taken.entries()) {
          if (last >= first) assert.ok(last - first + 1 <= rate.burst + (to - from) * rate.perSecond / 1000 + 1e-6);
        }
      }
    },
  ));
});

test("no limit is no limit", () => {
  const meter = new Meter({ perSecond: Infinity, burst: 1 });
  for (let n = 0; n < 1_000; n += 1) assert.is(meter.take(0), 0);
});

test("refuses a rate that lets nobody through", () => {
  for (
    const rate of [{ perSecond: 0, burst: 1 }, { perSecond: -1, burst: 1 }, { perSecond: 1, burst: 0 }, {
      perSecond: NaN,
      burst: 1,
    }]
  ) {
    assert.throws(() => new Meter(rate), (error: unknown) => error instanceof RangeError);
    assert.throws(() => new RateLimiter(rate), (error: unknown) => error instanceof RangeError);
  }
});

test("each client is counted by itself", () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
  assert.equal([limiter.take("a", 0), limiter.take("b", 0), limiter.take("a", 0)], [0, 0, 1_000]);
});

test("only so many clients are remembered, and the one that was let through longest ago is forgotten", () => {
  const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
  for (const client of ["first", "second"]) limiter.take(client, 0);
  for (let n = 2; n < MOST_CLIENTS; n += 1) limiter.take(`client ${n}`, 0);
  assert.equal([limiter.take("first", 0), limiter.take("second", 0)], [1_000, 1_000], "there is room for all");
  limiter.take("one more", 0);
  assert.equal([limiter.take("second", 0), limiter.take("first", 0)], [1_000, 0]);
});

test.run();
