import { test } from "uvu";
import * as assert from "uvu/assert";
import { Buckets } from "../../src/core/buckets.ts";

test("a number counts for every bound that it does not exceed", () => {
  const buckets = new Buckets([1, 2, 5]);
  assert.equal([buckets.cumulative(), buckets.count, buckets.sum], [[0, 0, 0], 0, 0]);
  for (const value of [0, 1, 1.5, 2, 4, 100]) buckets.observe(value);
  assert.equal([buckets.cumulative(), buckets.count, buckets.sum], [[2, 4, 5], 6, 108.5]);
});

test.run();
