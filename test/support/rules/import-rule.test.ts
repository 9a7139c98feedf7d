import { test } from "uvu";
import * as assert from "uvu/assert";
import { breaksOfEndingRule, breaksOfImportRule, strayPackages } from "./import-rule.ts";
import { importsOf } from "./imports.ts";
import { source } from "./source.ts";

/** What the rule says of one file with this text. */
const breaks = (path: string, text: string): string[] => breaksOfImportRule([source(path, text)]);

test("finds imports in every form, and none in comments, texts and other code", () => {
  const text = `
import "./side-effect.ts";
import one, { two } from "one";
import * as all from "@scope/all/deep";
import type { Type } from "../up/type.ts";
import { type Inner } from "./inner.ts";
import {
  a,
  b as c,
} from "./lines.ts";
export * from "./all.ts";
export * as named from "./named.ts";
export { type D, e } from "./some.ts";
export type { F } from "node:fs";
// import "./comment.ts";
const text = 'import "./text.ts"';
export const from = "./value.ts";
const later = await import("./later.ts");
const either = await import(typeof Deno === "object" ? "./deno.ts" : "./node.ts");
const computed = await import(path);
`;
  const found = importsOf(source("src/hub/x.ts", text)).map(({ specifier, isTypeOnly, isDynamic }) =>
    `${specifier}${isTypeOnly ? " type" : ""}${isDynamic ? " dynamic" : ""}`
  );
  assert.equal(found.toSorted(), [
    "../up/type.ts type",
    "./all.ts",
    "./deno.ts dynamic",
    "./inner.ts",
    "./later.ts dynamic",
    "./lines.ts",
    "./named.ts",
    "./node.ts dynamic",
    "./side-effect.ts",
    "./some.ts",
    "@scope/all/deep",
    "node:fs type",
    "one",
    "undefined dynamic",
  ]);
});

test("names the package and the file of an import", () => {
  const text = 'import "hono/ws";\nimport "@hono/node-ws";\nimport "node:fs/promises";\nimport "../core/a.ts";';
  const found = importsOf(source("src/hub/x.ts", text));
  assert.equal(found.map((each) => each.package ?? each.target), ["hono", "@hono/node-ws", "node:", "src/core/a.ts"]);
  assert.is(found[3]?.place, "src/hub/x.ts:4");
});

test("lets imports pass that the table allows", () => {
  assert.equal(breaks("src/core/a.ts", 'import { b } from "./b.ts";\nimport { E } from "../errors.ts";'), []);
  assert.equal(breaks("src/broker.ts", 'import { Hub } from "./hub/hub.ts";\nimport { V } from "./version.ts";'), []);
  assert.equal(breaks("src/cli/watch.ts", 'import type { Broker } from "../broker.ts";'), []);
  assert.equal(breaks("mod.ts", 'const a = await import("./adapters/node.ts");'), []);
});

test("reports imports against the table, with their place", () => {
  assert.equal(breaks("src/core/a.ts", '\nimport type { Hub } from "../hub/hub.ts";'), [
    'src/core/a.ts:2: core must not import hub ("../hub/hub.ts")',
  ]);
  assert.equal(breaks("src/core/a.ts", 'import * as v from "valibot";').length, 1);
  assert.equal(breaks("src/hub/hub.ts", 'export { a } from "../broker.ts";').length, 1);
  assert.equal(breaks("src/broker.ts", 'import "node:fs";').length, 1);
  assert.equal(breaks("src/client/client.ts", 'const v = await import("valibot");').length, 1);
  assert.equal(breaks("src/routes/a.ts", 'import "../../adapters/node.ts";').length, 1);
  assert.equal(breaks("mod.ts", 'import { serve } from "./adapters/node.ts";').length, 1);
  assert.equal(breaks("mod.ts", 'const path = "./x.ts";\nawait import(path);'), [
    "mod.ts:2: the imported module is computed: name it",
  ]);
});

test("lets only types pass where the table says so", () => {
  assert.equal(breaks("src/cli/watch.ts", 'import { type Broker } from "../broker.ts";'), [
    "src/cli/watch.ts:1: cli may import only types of broker",
  ]);
});

test("reports a private file of another folder", () => {
  const text = 'import { b } from "../routes/_b.ts";';
  assert.equal(breaks("src/routes/a.ts", text), []);
  assert.equal(breaks("src/compat/a.ts", text), ['src/compat/a.ts:1: "../routes/_b.ts" is private to its folder']);
});

test("reports Node's own packages outside of Node's adapter", () => {
  const text = 'import { serve } from "@hono/node-server";';
  assert.equal(breaks("adapters/node.ts", text), []);
  assert.equal(breaks("adapters/deno.ts", text), ["adapters/deno.ts:1: only adapters/node*.ts may import @hono/node-server"]);
});

test("reports a folder that the table has no row for", () => {
  assert.equal(breaks("src/extras/a.ts", ""), ['src/extras/a.ts: the import table has no row "extras"']);
});

test("reports relative imports that do not end in .ts", () => {
  const text = 'import type { A } from "./a";\nimport { b } from "./b.js";\nimport "./c.ts";\nimport "hono";';
  assert.equal(breaksOfEndingRule([source("src/core/x.ts", text)]), [
    'src/core/x.ts:1: "./a" does not end in .ts',
    'src/core/x.ts:2: "./b.js" does not end in .ts',
  ]);
});

test("follows what is loaded, but not types, to packages that a browser lacks", () => {
  const sources = [
    source("src/client/client.ts", 'import "eventsource-parser";\nimport { a } from "../protocol/a.ts";'),
    source("src/protocol/a.ts", 'import { b } from "./b.ts";\nimport type { T } from "./types.ts";'),
    source("src/protocol/b.ts", 'import * as v from "valibot";'),
    source("src/protocol/types.ts", 'import "node:fs";'),
  ];
  assert.equal(strayPackages(sources, "src/client/", ["eventsource-parser"]), ["src/protocol/b.ts:1: loads valibot"]);
});

test.run();
