import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Health } from "../src/broker.ts";
import { JUMP_TOLD_MS, MOST_DRIFT_MS, Readiness, type ReadinessData } from "../src/readiness.ts";
import { brokerOf } from "./support/app.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { CountingFraming, FakeSink, plainDialect } from "./support/sinks.ts";

const ALL_WELL = {
  ready: true,
  checks: { store: { ok: true }, clock: { ok: true }, readers: { ok: true }, shutdown: { ok: true } },
};

function readinessOf(
  { maxReaders = 2, health, clock = new FakeClock() }: { maxReaders?: number; health?: Health; clock?: FakeClock } = {},
) {
  const { broker } = brokerOf({ clock });
  if (health !== undefined) broker.health = () => health;
  return { broker, clock, readiness: new Readiness(broker, maxReaders) };
}

const clockOf = ({ ready, checks }: ReadinessData) => [ready, checks.clock.ok, checks.clock.code];

test("a broker that can do its work is ready", () => {
  assert.equal(readinessOf().readiness.look(), ALL_WELL);
});

test("a store that keeps nothing makes it not ready, and says why and since when", () => {
  const store = { code: "disk_full", detail: "The disk is full", since: 5 };
  assert.equal(readinessOf({ health: { store } }).readiness.look(), {
    ready: false,
    checks: { ...ALL_WELL.checks, store: { ok: false, ...store } },
  });
});

test("a broker that shuts down is not ready", () => {
  const { broker, readiness } = readinessOf();
  broker.drain();
  const { ready, checks } = readiness.look();
  assert.equal([ready, checks.shutdown.ok, checks.shutdown.code], [false, false, "shutting_down"]);
});

test("a broker with all the readers that it may have is ready, and says so", () => {
  const { broker, readiness } = readinessOf();
  const channel = broker.hub.channel(new CountingFraming());
  for (const code of [undefined, "overload"]) {
    channel.subscribe(plainDialect(), new FakeSink(), []);
    const { ready, checks } = readiness.look();
    assert.equal([ready, checks.readers.ok, checks.readers.code], [true, true, code]);
  }
});

test("a jump of the wall clock by more than the limit is told for a while, in either direction", () => {
  for (const direction of [1, -1]) {
    const { clock, readiness } = readinessOf();
    clock.advance(1_000_000);
    clock.shiftWall(direction * MOST_DRIFT_MS);
    assert.equal(clockOf(readiness.look()), [true, true, undefined]);
    clock.shiftWall(direction * (MOST_DRIFT_MS + 1));
    assert.equal(clockOf(readiness.look()), [true, true, "clock_jumped"]);
    clock.advance(JUMP_TOLD_MS - 1);
    assert.equal(clockOf(readiness.look()), [true, true, "clock_jumped"]);
    clock.advance(1);
    assert.equal(readiness.look(), ALL_WELL);
  }
});

test("a jump tells how far and when", () => {
  const { clock, readiness } = readinessOf();
  clock.shiftWall(-3_600_000);
  const { detail, since } = readiness.look().checks.clock;
  assert.match(detail ?? "", "jumped by -3600 s");
  assert.is(since, clock.wall());
});

test("a wall clock from before the broker was built is not believed", () => {
  for (const wall of [Date.UTC(2026, 0) - 1, 0, -1]) {
    const { readiness } = readinessOf({ clock: new FakeClock({ wall }) });
    assert.equal(clockOf(readiness.look()), [false, false, "clock_wrong"], String(wall));
  }
  assert.ok(readinessOf({ clock: new FakeClock({ wall: Date.UTC(2026, 0) }) }).readiness.look().ready);
});

test.run();
