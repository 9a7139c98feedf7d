import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatTokenList, MOST_NOTE_CHARS, parseTokenList, type TokenRecord } from "../../src/tokens/list.ts";

const RECORD: TokenRecord = { id: "abcdefghij", sha256: "0f".repeat(32), scopes: ["read"], createdAt: 1 };
const FULL: TokenRecord = { ...RECORD, id: "0123456789", expiresAt: 3, revokedAt: 2, note: "ü".repeat(MOST_NOTE_CHARS) };

test("a list is read as it was written, one token a line", () => {
  const records = [RECORD, { ...FULL, isRoot: true }];
  const text = formatTokenList(records);
  assert.equal(parseTokenList(text), records);
  assert.is(text.split("\n").filter((line) => line.includes("sha256")).length, 2);
  assert.equal(parseTokenList(formatTokenList([])), []);
});

test("fields that this version does not know are left out", () => {
  const text = JSON.stringify({ version: 1, more: 1, tokens: [{ ...RECORD, more: 1 }] });
  assert.equal(parseTokenList(text), [RECORD]);
});

const WRONG: Readonly<Record<string, unknown>> = {
  "another version": { version: 2, tokens: [] },
  "no version": { tokens: [] },
  "no tokens": { version: 1 },
  "a short id": [{ ...RECORD, id: "abc" }],
  "a digest that is none": [{ ...RECORD, sha256: "0F".repeat(32) }],
  "an unknown scope": [{ ...RECORD, scopes: ["everything"] }],
  "a time that is a text": [{ ...RECORD, createdAt: "now" }],
  "a negative end": [{ ...RECORD, expiresAt: -1 }],
  "a long note": [{ ...RECORD, note: "x".repeat(MOST_NOTE_CHARS + 1) }],
  "an id twice": [RECORD, { ...FULL, id: RECORD.id }],
  "nothing": null,
};

for (const [what, value] of Object.entries(WRONG)) {
  test(`a list with ${what} is refused`, () => {
    const list = Array.isArray(value) ? { version: 1, tokens: value } : value;
    assert.throws(() => parseTokenList(JSON.stringify(list)));
  });
}

test("a torn list is refused", () => {
  const text = formatTokenList([RECORD, FULL]);
  for (let length = 0; length < text.trimEnd().length; length++) assert.throws(() => parseTokenList(text.slice(0, length)));
});

test.run();
