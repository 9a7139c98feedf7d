import { test } from "uvu";
import * as assert from "uvu/assert";
import { hintFor, nearest } from "../../src/cli/_nearest.ts";

const WORDS = ["serve", "status", "event", "watch"];

test("finds the word for one slip of any kind", () => {
  for (const slip of ["serv", "servee", "sevre", "sarve", "SERVE"]) assert.is(nearest(slip, WORDS), "serve", slip);
});

test("prefers the nearest of several", () => {
  assert.is(nearest("ports", ["host", "port", "sort"]), "port");
  assert.is(nearest("--max-reader", ["--max-sessions", "--max-readers"]), "--max-readers");
});

test("finds nothing for a word that is no slip of any", () => {
  assert.is(nearest("xyz", WORDS), undefined);
  assert.is(nearest("", WORDS), undefined);
  assert.is(nearest("word", []), undefined);
});

test("asks only when it has found something", () => {
  assert.is(hintFor("statsu", WORDS), " (did you mean status?)");
  assert.is(hintFor("nothing-like-it", WORDS), "");
});

test("stays quick with a word of any length", () => {
  assert.is(nearest("x".repeat(1_000_000), WORDS), undefined);
});

test.run();
