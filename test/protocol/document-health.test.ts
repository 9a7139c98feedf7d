/** Section 11 of PROTOCOL.md says what the code says. */

import { test } from "uvu";
import * as assert from "uvu/assert";
import { METRICS } from "../../src/metrics/metrics.ts";
import { CUT_REASONS, TRANSPORTS } from "../../src/hub/counts.ts";
import { readSources } from "../support/rules/source.ts";
import { codeIn, codesIn, proseOf, readPage, tableOf } from "../support/markdown.ts";

const page = readPage("src/protocol/PROTOCOL.md");

test("the table of metrics is that of the code", () => {
  const rows = tableOf(page, "11.2 Metrics", "metric").map((row) => ({
    name: codeIn(row, "metric"),
    type: row["type"],
    labels: codesIn(row["labels"] ?? ""),
    help: `${row["what"]}.`,
  }));
  assert.equal(rows, METRICS.map(({ name, type, labels, help }) => ({ name, type, labels, help })));
});

test("the table of checks names every code that a check can have, and no other", () => {
  const [source] = readSources("src").filter(({ path }) => path === "src/readiness.ts");
  const codes = [...source?.text.matchAll(/ok: (true|false), code: "([a-z_]+)"/g) ?? []].map(([, ok, code]) => `${code} ${ok}`);
  const rows = tableOf(page, "11.1 Ready", "check").filter((row) => codeIn(row, "check") !== "store");
  assert.ok(codes.length > 2);
  assert.equal(
    rows.map((row) => `${codeIn(row, "code")} ${row["ok"] === "yes"}`).sort(),
    codes.sort(),
  );
});

test("the values of labels that are told are those of the code", () => {
  const codes = codesIn(proseOf(page, "11.2 Metrics"));
  assert.equal([...TRANSPORTS, ...CUT_REASONS].filter((value) => !codes.includes(value)), []);
});

test.run();
