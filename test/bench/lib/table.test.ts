// runtime: node
import { test } from "uvu";
import * as assert from "uvu/assert";
import { atMost, type Goal, type Row, type Sample, SHOWN, times } from "./row.ts";
import { asMarkdown, asText, faultsOf, tableOf } from "./table.ts";

const rowWith = (goal: Goal, better: Row["better"] = "more"): Row => (
  { measure: "events", unit: "1/s", better, goals: { node: goal } }
);

type Reading = Partial<Pick<Sample, "value" | "later" | "fault" | "othersPct">>;

/** The cells of a row for which the peer has shown 10, and Perch on Node this. */
function cellsOf(row: Row, reading: Reading): readonly string[] {
  const peer: Sample = { row, target: "peer", round: 0, value: 10, othersPct: 0 };
  const [line = []] = tableOf([row], [peer, { ...peer, target: "node", ...reading }]).lines;
  return line;
}

test("a row tells the values, the ratio and whether the goal is reached", () => {
  assert.equal(cellsOf(rowWith(times(2)), { value: 20 }).slice(0, 5), ["events (1/s)", "10", "20", "2x (2–2)", "≥ 2x: yes"]);
  assert.is(cellsOf(rowWith(times(2)), { value: 19 })[4], "≥ 2x: NO");
  assert.is(cellsOf(rowWith(times(2), "less"), { value: 5 })[4], "≥ 2x: yes");
  assert.is(cellsOf(rowWith(atMost(25)), { value: 25 })[4], "≤ 25: yes");
  assert.is(cellsOf(rowWith(atMost(25)), { value: 26 })[4], "≤ 25: NO");
  assert.is(cellsOf(rowWith(atMost(25, 5)), { value: 20, later: 6 })[4], "≤ 25 and level: NO");
  assert.is(cellsOf(rowWith(SHOWN), { value: 1 })[4], "shown");
});

test("a value with a fault reaches nothing, and the fault is told", () => {
  const row = rowWith(times(2));
  assert.is(cellsOf(row, { value: 100, fault: "readers missed messages" })[4], "≥ 2x: NO");
  const faulty: Sample = { row, target: "node", round: 1, value: 100, othersPct: 0, fault: "readers missed messages" };
  assert.equal(faultsOf([faulty]), ["events, node, round 2: readers missed messages"]);
});

test("what was not measured says so, and noisy turns are counted", () => {
  const row = rowWith(times(2));
  const peer: Sample = { row, target: "peer", round: 0, value: 10, othersPct: 0 };
  assert.is(tableOf([row], [peer]).lines[0]?.[4], "≥ 2x: not measured");
  assert.is(cellsOf(row, { value: 20, othersPct: 44.4 })[8], "1 of 2, up to 44 %");
  assert.equal(tableOf([row], []).lines, []);
});

test("the same table comes as text and as Markdown", () => {
  const table = { head: ["a", "b"], lines: [["long", "1"]] };
  assert.is(asText(table), "a     b\n----  -\nlong  1");
  assert.is(asMarkdown(table), "| a | b |\n| --- | --- |\n| long | 1 |");
});

test.run();
