import { test } from "uvu";
import * as assert from "uvu/assert";
import { newTokenText, tokenIdOf } from "../../src/tokens/text.ts";

test("a new token has an id of 10 characters and 256 random bits, and is read back", () => {
  const made = Array.from({ length: 500 }, newTokenText);
  for (const { id, text } of made) {
    assert.match(text, /^perch_[A-Za-z0-9]{10}_[A-Za-z0-9_-]{43}$/);
    assert.is(tokenIdOf(text), id);
  }
  assert.is(new Set(made.map(({ text }) => text.slice(-43))).size, made.length);
  const used = new Set(made.flatMap(({ text }) => [...text.slice(-43)]));
  assert.is(used.size, 64, "every character of base64url comes up");
});

test("what is not a token has no id", () => {
  const { text } = newTokenText();
  for (
    const wrong of ["", "perch_", text.slice(1), `${text}x`, text.slice(0, -1), ` ${text}`, `${text}\n`, text.toUpperCase()]
  ) {
    assert.is(tokenIdOf(wrong), undefined, JSON.stringify(wrong));
  }
});

test.run();
