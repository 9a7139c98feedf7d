import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Column, tableLines } from "../../src/cli/_table.ts";
import { oneLine, widthOf } from "../../src/cli/_text.ts";

type Row = Readonly<Record<"a" | "b" | "c", string>>;

const COLUMNS: readonly Column<Row>[] = [
  { title: "A", least: 3, cell: ({ a }) => a },
  { title: "BEE", least: 5, cell: ({ b }) => b },
  { title: "C", least: 5, cell: ({ c }) => c, dress: (_row, text) => `<${text}>` },
];
const row = (a: string, b: string, c: string): Row => ({ a, b, c });

test("aligns columns under their titles", () => {
  assert.equal(tableLines(COLUMNS, [row("1", "x", "end"), row("222", "日本語", "e")]), [
    "A    BEE     C",
    "1    x       <end>",
    "222  日本語  <e  >",
  ]);
});

test("leaves out columns that are empty in all rows", () => {
  assert.equal(tableLines(COLUMNS, [row("1", "", "x"), row("2", "", "y")]), ["A  C", "1  <x>", "2  <y>"]);
});

test("takes room from the widest column first", () => {
  assert.equal(tableLines(COLUMNS.slice(0, 2), [row("12345", "a long text", "")], 12), ["A      BEE", "12345  a lo…"]);
});

test("leaves out the last columns where even the least widths don't fit", () => {
  assert.equal(tableLines(COLUMNS, [row("12345", "12345", "12345")], 10), ["A    BEE", "12…  12345"]);
  assert.equal(tableLines(COLUMNS, [row("12345", "12345", "12345")], 9), ["A", "12345"]);
});

test("no line is wider than the terminal", () => {
  const cell = fc.string({ unit: "grapheme" }).map(oneLine);
  const rows = fc.array(fc.record({ a: cell, b: cell, c: cell }), { minLength: 1, maxLength: 5 });
  const undressed = COLUMNS.map(({ title, least, cell }) => ({ title, least, cell }));
  fc.assert(fc.property(rows, fc.integer({ min: 3, max: 60 }), (rows, width) => {
    const lines = tableLines(undressed, rows, width);
    assert.ok(lines.every((line) => widthOf(line) <= width), lines.join("\n"));
    assert.is(lines.length, rows.length + 1);
  }));
});

test.run();
