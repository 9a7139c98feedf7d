import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as v from "valibot";
import { VERSION } from "../src/version.ts";
import { exportedNames, withoutDocstring } from "./support/rules/docstrings.ts";
import { breaksOfEndingRule, breaksOfImportRule, strayPackages } from "./support/rules/import-rule.ts";
import { differences } from "./support/rules/manifests.ts";
import { listFiles, readSources, type Source } from "./support/rules/source.ts";
import * as style from "./support/rules/style.ts";

const MOST_LINES = 250;
const MEDIAN_LINES = 100;
const MOST_LINES_OF_FUNCTION = 60;

const src = readSources("src");
const product = [...src, ...readSources("mod.ts"), ...readSources("adapters"), ...readSources("examples")];
const tests = readSources("test");
const everything = [...product, ...tests];

const exportsSchema = { name: v.string(), version: v.string(), license: v.string() };
const denoSchema = v.object({ ...exportsSchema, exports: v.record(v.string(), v.string()) });
const npmSchema = v.object({
  ...exportsSchema,
  exports: v.record(v.string(), v.object({ types: v.string(), default: v.string() })),
});
const deno = v.parse(denoSchema, JSON.parse(readFileSync("deno.json", "utf8")));
const npm = v.parse(npmSchema, JSON.parse(readFileSync("package.json", "utf8")));

/** Fails with one line for each finding. */
function assertNone(findings: readonly string[]): void {
  if (findings.length === 0) return;
  throw Object.assign(new Error(`${findings.length} found`), { details: findings.join("\n") });
}

const everywhere = (sources: readonly Source[], check: (source: Source) => string[]): void =>
  assertNone(sources.flatMap(check));

test("sees the sources", () => {
  assert.ok(src.length > 40);
  assert.ok(product.length > src.length + 1);
  assert.ok(tests.some(({ path }) => path === "test/rules.test.ts"));
});

test("imports go one way, and nobody reaches into another folder's private files", () => {
  assertNone(breaksOfImportRule(product));
});

test("the client loads nothing that a browser lacks", () => {
  assert.ok(src.some(({ path }) => path.startsWith("src/client/")));
  assertNone(strayPackages(product, "src/client/", ["eventsource-parser"]));
});

test("relative imports end in .ts", () => assertNone(breaksOfEndingRule(everything)));

test("the sources know no runtime", () => {
  everywhere(src, style.runtimeNames);
  assertNone(strayPackages(src, "src/", ["valibot", "hono", "@logtape/logtape", "citty", "eventsource-parser", "prom-client"]));
});

test("both manifests and the source agree", () => assertNone(differences(deno, npm, VERSION)));

for (const entry of Object.values(deno.exports)) {
  test(`everything that ${entry} exports says what it is`, () => {
    const path = entry.replace(/^\.\//, "");
    assert.ok(exportedNames(product, path).length > 0);
    assertNone(withoutDocstring(product, path));
  });
}

test("files stay short", () => {
  everywhere(everything, (source) => style.longFiles(source, MOST_LINES));
  const lines = product.map(({ text }) => text.split("\n").length - 1).sort((a, b) => a - b);
  const median = lines[Math.floor(lines.length / 2)] ?? 0;
  assert.ok(median <= MEDIAN_LINES, `the median file has ${median} lines, ${MEDIAN_LINES} are allowed`);
});

test("functions stay short", () => everywhere(everything, (source) => style.longFunctions(source, MOST_LINES_OF_FUNCTION)));

test("names are in kebab-case", () => {
  assertNone(style.oddNames(["src", "adapters", "test", "examples"].flatMap(listFiles)));
});

test("nothing is exported as default", () => everywhere(everything, style.defaultExports));

test("no type is any", () => everywhere(everything, style.anyTypes));

test("no value is cast", () => everywhere(everything, style.casts));

test("every suite is run", () => {
  everywhere(tests.filter(({ path }) => path.endsWith(".test.ts")), style.withoutRun);
});

test.run();
