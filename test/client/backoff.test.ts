import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { backoffMs, DEFAULT_BACKOFF } from "../../src/client/backoff.ts";

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const LARGEST_CHANCE = 1 - Number.EPSILON / 2;

test("waits double from half a second to half a minute", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(failures, DEFAULT_BACKOFF, LARGEST_CHANCE));
  assert.equal(longest, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test("any wait is whole milliseconds from 0 to its limit, whatever the options", () => {
  const ms = fc.double({ min: 0.001, max: 1e12, noNaN: true });
  fc.assert(fc.property(fc.nat(5_000), ms, ms, chance, (failures, firstMs, maxMs, random) => {
    const wait = backoffMs(failures, { firstMs, maxMs, stableMs: 1 }, random);
    assert.ok(Number.isInteger(wait), `${wait}`);
    assert.ok(wait >= 0 && wait <= Math.ceil(maxMs), `${wait}`);
    assert.ok(wait <= Math.ceil(firstMs * 2 ** failures), `${wait}`);
  }));
});

test("the jitter is full: a wait is in proportion to chance and to nothing else", () => {
  fc.assert(fc.property(fc.nat(20), chance, (failures, random) => {
    const longest = Math.min(30_000, 500 * 2 ** failures);
    assert.ok(Math.abs(backoffMs(failures, DEFAULT_BACKOFF, random) - random * longest) <= 0.5);
  }));
});

test("readers that are cut off together come back apart", () => {
  const waits = Array.from({ length: 1_000 }, () => backoffMs(6, DEFAULT_BACKOFF, Math.random()));
  const perTenth = Array.from({ length: 10 }, (_, tenth) => waits.filter((ms) => Math.floor(ms / 3_000.1) === tenth).length);
  assert.ok(perTenth.every((count) => count > 40), `of 1,000 waits, each tenth of the time has ${perTenth.join(", ")}`);
});

test.run();
