import type { LogRecord } from "@logtape/logtape";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Flood, MOST_ALIKE, MOST_KINDS, WINDOW_MS } from "../../src/cli/_flood.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { textOf } from "../support/log-records.ts";

/** A flood gate, and what comes through, as `level message`. */
function flooding() {
  const clock = new FakeClock();
  const told: string[] = [];
  const flood = new Flood(clock, (record) => told.push(`${record.level} ${textOf(record)}`));
  const say = (template: string, { level = "info", value = 0 }: { level?: LogRecord["level"]; value?: number } = {}) =>
    flood.take({
      category: ["perch", "test"],
      level,
      rawMessage: template,
      message: [`${template} `, value, ""],
      timestamp: 0,
      properties: { value },
    });
  return { clock, told, flood, say };
}

test("the first lines of a kind pass at once, and the window ends with how many more there were", () => {
  const { clock, told, say } = flooding();
  for (let value = 1; value <= MOST_ALIKE; value += 1) say("refused", { value });
  assert.is(told.length, MOST_ALIKE);
  assert.is(told.at(-1), `info refused ${MOST_ALIKE}`);
  say("refused");
  say("refused", { level: "error" });
  assert.is(told.length, MOST_ALIKE + 1);
  clock.advance(WINDOW_MS - 1);
  assert.is(told.length, MOST_ALIKE + 1);
  clock.advance(1);
  assert.equal(told.slice(MOST_ALIKE + 1), ["info … and 1 more: refused"]);
});

test("exactly as many as may pass are not summed up, and no timer stays behind", () => {
  const { clock, told, say } = flooding();
  for (let value = 0; value < MOST_ALIKE; value += 1) say("refused");
  clock.advance(WINDOW_MS);
  assert.equal([told.length, clock.pending], [MOST_ALIKE, 0]);
  say("refused");
  assert.equal([told.length, clock.pending], [MOST_ALIKE + 1, 1]);
});

test("a flood that goes on is told in every window", () => {
  const { clock, told, say } = flooding();
  for (let second = 0; second < 30; second += 1) {
    for (let value = 0; value < 1_000; value += 1) say("refused");
    clock.advance(1_000);
  }
  assert.is(told.length, 3 * (MOST_ALIKE + 1));
  assert.equal(told.filter((line) => line.includes("more")), Array(3).fill("info … and 9980 more: refused"));
});

test("lines of ever new kinds are bounded, too", () => {
  const { clock, told, say } = flooding();
  for (let value = 0; value < 100_000; value += 1) say(`made up ${value}`);
  clock.advance(WINDOW_MS);
  assert.is(told.length, MOST_KINDS + MOST_ALIKE + 1);
  assert.is(told.at(-1), `info … and ${100_000 - MOST_KINDS - MOST_ALIKE} more: many kinds`);
});

test("what was left out is told at the end", () => {
  const { clock, told, flood, say } = flooding();
  for (let value = 0; value < MOST_ALIKE + 5; value += 1) say("refused");
  flood.end();
  flood.end();
  assert.equal([told.length, told.at(-1), clock.pending], [MOST_ALIKE + 1, "info … and 5 more: refused", 0]);
});

test.run();
