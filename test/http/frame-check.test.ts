import { test } from "uvu";
import * as assert from "uvu/assert";
import { FrameCheck } from "../../src/http/frame-check.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** The reason why a client must go that sends one frame. */
const isFrameTooLarge = (frame: unknown, maxFrameBytes: number): boolean => {
  const check = new FrameCheck({ broker: { clock: new FakeClock() }, maxFrameBytes, frameRate: { perSecond: 1, burst: 1 } });
  return check.problemOf(frame)?.code === 1009;
};

test("a text frame is measured in bytes of UTF-8: at the limit it is taken, one more is not", () => {
  const [two, three, four] = ["ä", "\u20ac", "\u{1F43E}"];
  for (const text of ["x".repeat(12), two.repeat(6), three.repeat(4), four.repeat(3), "x".repeat(10) + two]) {
    assert.equal([isFrameTooLarge(text, 12), isFrameTooLarge(text, 11)], [false, true], text);
  }
  assert.is(isFrameTooLarge("", 0), false);
});

test("so is a binary frame, in whatever form a runtime hands it over", () => {
  for (const frame of [new ArrayBuffer(12), new Blob(["x".repeat(12)])]) {
    assert.equal([isFrameTooLarge(frame, 12), isFrameTooLarge(frame, 11)], [false, true]);
  }
});

test("a client may send as many frames at once as it may, and goes with one more", () => {
  const clock = new FakeClock();
  const check = new FrameCheck({ broker: { clock }, maxFrameBytes: 9, frameRate: { perSecond: 20, burst: 40 } });
  for (let n = 1; n <= 40; n += 1) assert.is(check.problemOf("x"), undefined, `frame ${n}`);
  assert.equal(check.problemOf("x"), { code: 4429, reason: "too many frames" });
  clock.advance(50);
  assert.equal([check.problemOf("x"), check.problemOf("x")?.code], [undefined, 4429]);
});

test.run();
