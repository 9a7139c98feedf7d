import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { placeOf, readSources, source } from "./source.ts";

const code = (text: string): string => source("x.ts", text).code;

test("blanks comments and what quotes hold, and leaves all else where it stood", () => {
  assert.is(code('a; // "b" {\nc'), `a; ${" ".repeat(8)}\nc`);
  assert.is(code("a /* { \n } */ b"), `a${" ".repeat(6)}\n${" ".repeat(6)}b`);
  assert.is(code("f(\"any {\", '}')"), "f(\"     \", ' ')");
  assert.is(code('f("a\\"b", "\\\\")'), 'f("    ", "  ")');
});

test("keeps the code inside a template, however deep", () => {
  assert.is(code("`a ${b} c`"), "`  ${b}  `");
  assert.is(code("`a ${`{ ${f({ x: 1 })} }`} $5 \\${ c` + d"), "`  ${`  ${f({ x: 1 })}  `}         ` + d");
});

test("tells a pattern from a division", () => {
  assert.is(code('x = /[/"{]+\\//g.exec(y) / z / 2;'), "x = /        /g.exec(y) / z / 2;");
  assert.is(code("return /}/;"), "return / /;");
  assert.is(code("(a) / b / c"), "(a) / b / c");
});

test("leaves the length and every line break of any text as they are", () => {
  const pieces = fc.constantFrom(
    '"',
    "'",
    "`",
    "${",
    "{",
    "}",
    "/",
    "//",
    "/*",
    "*/",
    "\\",
    "\n",
    "a",
    " ",
    "return",
    "(",
    ")",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
    const text = parts.join("");
    const blanked = code(text);
    assert.is(blanked.length, text.length);
    assert.is(blanked.replace(/[^\n]/g, ""), text.replace(/[^\n]/g, ""));
  }));
});

test("leaves brackets in pairs in every file of the project", () => {
  for (const file of ["src", "test", "mod.ts"].flatMap(readSources)) {
    for (const [open, close] of ["{}", "()", "[]"].map((pair) => [...pair])) {
      const count = (bracket: string | undefined) => file.code.split(`${bracket}`).length;
      assert.is(count(open), count(close), `${file.path} has not as many ${open} as ${close}`);
    }
  }
});

test("tells the line of a place", () => {
  const file = source("a/b.ts", "one\ntwo\nthree");
  assert.equal([0, 3, 4, 8].map((at) => placeOf(file, at)), ["a/b.ts:1", "a/b.ts:1", "a/b.ts:2", "a/b.ts:3"]);
});

test.run();
