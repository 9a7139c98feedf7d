import { test } from "uvu";
import * as assert from "uvu/assert";
import { lazy } from "../../adapters/lazy.ts";

test("it is loaded once, however many ask", async () => {
  let loads = 0;
  const thing = lazy(() => Promise.resolve(++loads));
  assert.is(thing.value, undefined);
  assert.equal(await Promise.all([thing.load(), thing.load()]), [1, 1]);
  assert.equal([thing.value, await thing.load(), loads], [1, 1, 1]);
});

test("a load that fails is told to who asked, and tried again", async () => {
  let loads = 0;
  const thing = lazy(() => ++loads === 1 ? Promise.reject(new Error("no descriptor left")) : Promise.resolve("there"));
  await thing.load().then(() => assert.unreachable(), ({ message }: Error) => assert.is(message, "no descriptor left"));
  assert.is(thing.value, undefined);
  assert.is(await thing.load(), "there");
});

test.run();
