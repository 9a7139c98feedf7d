import { test } from "uvu";
import * as assert from "uvu/assert";
import { DEFAULT_BACKOFF } from "../../src/client/backoff.ts";
import { limitsOf } from "../../src/client/options.ts";

const url = "http://localhost:7857";

test("what is left out has the documented default", () => {
  assert.equal(limitsOf({ url }), { ...DEFAULT_BACKOFF, watchdogMs: 45_000, bufferLimit: 8_192 });
});

test("what is set stays, and leaves the rest as it is", () => {
  const [name = "", ...others] = Object.keys(DEFAULT_BACKOFF);
  const limits = limitsOf({ url, backoff: { [name]: 7 }, watchdogMs: 1, bufferLimit: 2 });
  assert.equal(limits, { ...DEFAULT_BACKOFF, [name]: 7, watchdogMs: 1, bufferLimit: 2 });
  assert.ok(others.length > 0);
});

test("a number that makes no sense is refused with its name and value", () => {
  const names = [...Object.keys(DEFAULT_BACKOFF), "watchdogMs", "bufferLimit"];
  for (const name of names) {
    for (const value of [0, -1, NaN, Infinity]) {
      const options = name in DEFAULT_BACKOFF ? { url, backoff: { [name]: value } } : { url, [name]: value };
      assert.throws(
        () => limitsOf(options),
        (error: unknown) => error instanceof RangeError && error.message.includes(`${name} ${value}:`),
      );
    }
  }
});

test.run();
