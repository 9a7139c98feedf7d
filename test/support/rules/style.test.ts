import { test } from "uvu";
import * as assert from "uvu/assert";
import { source } from "./source.ts";
import * as style from "./style.ts";

/** The lines of `text` that a check finds fault with. */
const lines = (check: (file: ReturnType<typeof source>) => string[], text: string): number[] =>
  check(source("x.ts", text)).map((finding) => Number(/^x\.ts:(\d+): /.exec(finding)?.[1]));

test("finds default exports in both forms", () => {
  const text = 'export default class {}\nexport { a as default };\nexport const defaults = 1;\nconst text = "export default";';
  assert.equal(lines(style.defaultExports, text), [1, 2]);
});

test("finds the type any, but no word or method of that name", () => {
  const faulty = "let a: any;\nlet b: Map<string, any>;\nf(c as any);\nlet d: any[];\ntype E = any;\n";
  assert.equal(lines(style.anyTypes, faulty), [1, 2, 3, 4, 5]);
  assert.equal(lines(style.anyTypes, "Promise.any(x);\nconst o = { any: 1 };\nlet many = isAny; // any\n"), []);
});

test("finds casts of every form and claimed values", () => {
  const faulty =
    "f(a as B);\nlet c = d as string;\nlet e = {} as { f: 1 };\ng() as unknown as H;\nexport const p = { q: r as S };\n";
  assert.equal(lines(style.casts, faulty), [1, 2, 3, 4, 4, 5]);
  assert.equal(lines(style.casts, "a!.b;\nf(c[0]!);\nlet d!: string;\ng()!;\n"), [1, 2, 3, 4]);
});

test("takes as const, renamed imports and negations for no casts", () => {
  const fine = 'const a = [1] as const;\nimport * as b from "b";\nimport { c as d } from "c";\nexport { e as f } from "e";\n' +
    'export * as g from "g";\nif (!h || i !== j || i != j) k = { as: 1 };\nimport type { l as m } from "l";\n';
  assert.equal(lines(style.casts, fine), []);
});

test("finds names of runtimes, but no words, fields and properties", () => {
  const faulty = 'Deno.args;\nif (typeof process === "object") f();\nglobalThis.Deno;\nBuffer.from(x);\nrequire("fs");\n';
  assert.equal(lines(style.runtimeNames, faulty), [1, 2, 3, 4, 5]);
  assert.equal(
    lines(style.runtimeNames, 'x.process();\nthis.#process();\n({ process: 1 });\n"Deno"; // process\nprocessAll();\n'),
    [],
  );
});

test("finds files that are too long", () => {
  assert.equal(style.longFiles(source("x.ts", "a\n".repeat(250)), 250), []);
  assert.equal(style.longFiles(source("x.ts", "a\n".repeat(251)), 250), ["x.ts: 251 lines, 250 are allowed"]);
});

const HEADS = [
  "function f() {",
  "export async function* f<T>(a: T): Promise<Map<string, T>> {",
  "export function f(): { a: string } {",
  "function f(): (a: number) => void {",
  "function f(\n  a: number,\n): a is 1 {",
  "const f = () => {",
  'test("a", async () => {',
  "class A {\n  b({ c = 1 }: D = {}) {",
  "class A {\n  static b(): C {",
  "class A {\n  get b(): C {",
];

test("finds functions of every form that are too long", () => {
  for (const head of HEADS) {
    const ofLines = (count: number) => `${head}${"\n  a;".repeat(count - 2)}\n}${head.startsWith("class") ? "\n}" : ""}\n`;
    assert.equal(style.longFunctions(source("x.ts", ofLines(60)), 60), [], head);
    const place = head.split("\n").length;
    const finding = `x.ts:${place}: a function of 61 lines, 60 are allowed`;
    assert.equal(style.longFunctions(source("x.ts", ofLines(61)), 60), [finding], head);
  }
});

test("takes long classes, types and tables for no functions", () => {
  for (const head of ["class A extends B<C> {", "interface A {", "const a: B = {", "const a = f({", "type A = {"]) {
    assert.equal(style.longFunctions(source("x.ts", `${head}${"\n  a;".repeat(70)}\n}\n`), 60), [], head);
  }
});

test("finds names that are not in kebab-case", () => {
  const odd = ["src/Hub.ts", "src/wsSink.ts", "src/ws_sink.ts", "src/Hub/a.ts", "src/-a.ts", "examples/myPage.html"];
  assert.equal(style.oddNames(odd), odd.map((path) => `${path}: not kebab-case`));
  assert.equal(style.oddNames(["src/ws-sink.ts", "src/_a-b.test.ts", "test/a.fixture.ts", "src/protocol/PROTOCOL.md"]), []);
});

test("finds suites that are never run", () => {
  const imports = 'import { suite, test } from "uvu";\n';
  assert.equal(style.withoutRun(source("x.ts", `${imports}test.run();`)), []);
  assert.equal(style.withoutRun(source("x.ts", `${imports}// test.run();`)), ["x.ts: test.run() is missing"]);
  const two = 'import { suite } from "uvu";\nconst a = suite("a");\nconst b = suite("b");\na.run();\n';
  assert.equal(style.withoutRun(source("x.ts", two)), ["x.ts: b.run() is missing"]);
  assert.equal(style.withoutRun(source("x.ts", 'const test = serverContract("a");')), ["x.ts: test.run() is missing"]);
  assert.equal(style.withoutRun(source("x.ts", "console.log(1);")), ["x.ts: no suite of uvu"]);
});

test.run();
