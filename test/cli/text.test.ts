import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fit, oneLine, widthOf } from "../../src/cli/_text.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom("\x1b", "[", "3", "1", "m", "\x9b", "\u202e", "\ud800", "\n", "é", "日", "👍🏽", "\u0301", "\u200d"),
  }),
);

test("nothing is left that a terminal would obey or hide", () => {
  fc.assert(fc.property(anyText, (text) => {
    const line = oneLine(text);
    assert.not.match(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    assert.ok(line.isWellFormed());
  }));
});

test("escape sequences lose their power and stay visible", () => {
  assert.is(oneLine("\x1b[2J\x1b]0;title\x07red\x9b31m"), "\uFFFD[2J\uFFFD]0;title\uFFFDred\uFFFD31m");
});

test("line breaks and tabs become one space, and what turns or hides text is left out", () => {
  assert.is(oneLine("a\r\n\tb\u2028c"), "a b c");
  assert.is(oneLine("\u202Egnp.exe\u202C a\u200Bb\uFEFF"), "gnp.exe ab");
  assert.is(oneLine("half \ud83d of a pair"), "half  of a pair");
});

test("plain text stays as it is", () => {
  fc.assert(fc.property(fc.stringMatching(/^[!-~](?:[ -~]*[!-~])?$/), (text) => assert.is(oneLine(text), text)));
  assert.is(oneLine("Größe 日本語 👍🏽 ①"), "Größe 日本語 👍🏽 ①");
});

test("counts columns as terminals do", () => {
  const widths = {
    "": 0,
    abc: 3,
    "é": 1,
    "e\u0301": 1,
    "日本語": 6,
    "한": 2,
    "ｱ": 1,
    "👍🏽": 2,
    "❤️": 2,
    "①": 1,
    "…": 1,
    "\uFFFD": 1,
  };
  for (const [text, width] of Object.entries(widths)) assert.is(widthOf(text), width, text);
});

test("fits any line into any width exactly", () => {
  fc.assert(fc.property(anyText, fc.nat(40), (text, columns) => {
    const line = oneLine(text);
    const fitted = fit(line, columns);
    assert.is(widthOf(fitted), columns, JSON.stringify(fitted));
    if (widthOf(line) <= columns) assert.is(fitted.trimEnd(), fit(line, widthOf(line)).trimEnd());
    else if (columns > 0) assert.ok(fitted.trimEnd().endsWith("…"), JSON.stringify(fitted));
  }));
});

test("cuts between characters, never through one", () => {
  assert.is(fit("日本語", 4), "日… ");
  assert.is(fit("日本語", 5), "日本…");
  assert.is(fit("ab👍🏽cd", 4), "ab… ");
  assert.is(fit("abcdef", 1), "…");
});

test("of a character with a tower of marks only itself is shown", () => {
  assert.is(fit(`a${"\u0301".repeat(50)}b`, 2), "ab");
});

test.run();
