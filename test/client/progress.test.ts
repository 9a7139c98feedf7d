import { test } from "uvu";
import * as assert from "uvu/assert";
import { Progress } from "../../src/client/_progress.ts";
import type { WireMessage } from "../../src/protocol/types.ts";
import { at, bye, greeting, hello, live, pet, reset, snapshot } from "./_wire.ts";

/** Which of `messages` are news, by type. */
const news = (progress: Progress, messages: readonly WireMessage[]) =>
  messages.filter((message) => progress.admit(message)).map(({ type }) => type);

/** A reader that has come up to the place 5. */
function readerAt5(): Progress {
  const progress = new Progress(undefined);
  progress.begin(false);
  news(progress, greeting(5));
  return progress;
}

test("a reader starts where it is told to, an empty cursor being none", () => {
  assert.equal([undefined, "", at(3), "earliest"].map((since) => new Progress(since).cursor), [
    undefined,
    undefined,
    at(3),
    "earliest",
  ]);
});

test("a stream from the start is all news, and ends at its head", () => {
  const progress = new Progress(undefined);
  progress.begin(false);
  assert.equal(news(progress, greeting(5)), ["hello", "reset", "snapshot", "live"]);
  assert.is(progress.cursor, at(5));
});

test("each message moves the reader on, and is told once", () => {
  const progress = readerAt5();
  assert.equal([pet(6), pet(6), pet(5), pet(8), pet(7)].map((message) => progress.admit(message)), [
    true,
    false,
    false,
    true,
    false,
  ]);
  assert.is(progress.cursor, at(8));
});

test("after a break it goes on from its place, and what comes once more is no news", () => {
  const progress = readerAt5();
  progress.begin(false);
  assert.equal(news(progress, [hello("delta", 7), pet(5), pet(6), pet(7), live(7)]), ["hello", "pet", "pet", "live"]);
});

test("what keeps a quiet stream alive moves the reader on", () => {
  const progress = readerAt5();
  assert.equal([progress.advance(at(9)), progress.advance(at(9)), progress.cursor], [true, false, at(9)]);
});

test("a reset makes all void, so that a log that starts anew, or over, is told whole", () => {
  const progress = readerAt5();
  progress.begin(false);
  news(progress, [hello(), reset("epoch")]);
  assert.is(progress.cursor, undefined);
  assert.is(progress.admit(snapshot(2)), true);
  assert.is(progress.cursor, at(2));
});

test("a message of another log without a reset is a fault", () => {
  for (const id of ["ZyXwVuTs99.6", "nonsense", "", undefined]) {
    assert.throws(() => readerAt5().advance(id), (error: unknown) => error instanceof TypeError);
  }
});

test("what a broker tells before it has seen the cursor is no news, but for its bye", () => {
  const progress = readerAt5();
  progress.begin(true);
  assert.equal(news(progress, greeting(9).slice(1)), []);
  assert.is(progress.cursor, at(5));
  assert.is(progress.admit(bye("shutdown", 500)), true);
  assert.equal(news(progress, [hello("delta", 6), pet(6), live(6)]), ["hello", "pet", "live"]);
});

test("a reset for any other reason is meant for the cursor", () => {
  const progress = readerAt5();
  progress.begin(true);
  assert.equal(news(progress, [hello(), reset("gap"), snapshot(9), live(9)]), ["hello", "reset", "snapshot", "live"]);
});

test("a reader without a cursor is told everything, however late it asks", () => {
  const progress = new Progress(undefined);
  progress.begin(true);
  assert.equal(news(progress, greeting(3)), ["hello", "reset", "snapshot", "live"]);
});

test("the answer to a question for a sign of life is no news when nothing was missed", () => {
  const progress = readerAt5();
  assert.equal(news(progress, [hello("delta", 5), live(5)]), []);
  assert.equal(news(progress, [hello("delta", 6), pet(6), live(6)]), ["pet"]);
  assert.equal(news(progress, [hello(), reset("gap"), snapshot(9), live(9)]), ["hello", "reset", "snapshot", "live"]);
});

test.run();
