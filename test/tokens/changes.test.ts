import { test } from "uvu";
import * as assert from "uvu/assert";
import { nodeDigests } from "../../adapters/digests.ts";
import { SCOPES } from "../../src/core/scopes.ts";
import {
  addToken,
  MOST_ENDED,
  MOST_TOKENS,
  replaceRoot,
  revokeToken,
  rotateToken,
  TokenChangeError,
} from "../../src/tokens/changes.ts";
import type { TokenRecord } from "../../src/tokens/list.ts";

const digests = nodeDigests();
const READ = { scopes: ["read"] } as const;
const many = (count: number, fields: (index: number) => Partial<TokenRecord>): TokenRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    id: String(index).padStart(10, "0"),
    sha256: "0".repeat(64),
    scopes: [],
    createdAt: 0,
    ...fields(index),
  }));

test("a token that is added keeps its digest and not its text", () => {
  const { records, record, text } = addToken([], { ...READ, expiresAt: 9, note: "hall" }, 5, digests);
  assert.equal(records, [record]);
  const { id, ...rest } = record;
  assert.equal(rest, { sha256: digests.sha256(text), scopes: ["read"], expiresAt: 9, note: "hall", createdAt: 5 });
  assert.ok(text.includes(id));
  assert.not.ok(JSON.stringify(records).includes(text.slice(-43)));
});

test(`${MOST_TOKENS} valid tokens are allowed, and not one more`, () => {
  const almost = [...many(MOST_TOKENS - 1, () => ({})), ...many(3, (i) => ({ id: `expired00${i}`, expiresAt: 1 }))];
  const { records } = addToken(almost, READ, 5, digests);
  assert.is(records.length, MOST_TOKENS + 3);
  assert.throws(() => addToken(records, READ, 5, digests), (error: unknown) => error instanceof TokenChangeError);
});

test("revoking keeps the record, once, and tells of an id that is unknown", () => {
  const { records, record } = addToken([], READ, 5, digests);
  const revoked = revokeToken(records, record.id, 7);
  assert.equal(revoked, [{ ...record, revokedAt: 7 }]);
  assert.is(revokeToken(revoked, record.id, 9), revoked);
  assert.throws(() => revokeToken(records, "nobodynobo", 7), /There is no token "nobodynobo": "perch token list" shows all/);
});

test(`${MOST_ENDED} ended tokens are remembered, and the one that ended first makes room`, () => {
  const ended = many(MOST_ENDED, (i) => i % 2 === 0 ? { revokedAt: 1_000 + i } : { expiresAt: 1_000 + i });
  const { records, record } = addToken(ended, READ, 90_000, digests);
  assert.is(records.length, MOST_ENDED + 1, "what is valid is not forgotten");
  const after = revokeToken(records, record.id, 99_999);
  assert.is(after.length, MOST_ENDED);
  assert.equal(after[0], ended[1]);
  assert.is(after.at(-1)?.revokedAt, 99_999);
});

test("rotating puts a new token with the same rights in the place of the old one, which is revoked", () => {
  const made = addToken([], { ...READ, expiresAt: 90, note: "hall" }, 5, digests);
  const { records, record, text } = rotateToken(made.records, made.record.id, 7, digests);
  assert.equal(records, [{ ...made.record, revokedAt: 7 }, record]);
  assert.is.not(record.id, made.record.id);
  assert.is.not(text, made.text);
  assert.equal([record.scopes, record.expiresAt, record.note, record.createdAt], [["read"], 90, "hall", 7]);
  assert.throws(() => rotateToken(records, made.record.id, 8, digests), /is revoked: make another/);
  assert.throws(() => rotateToken(records, record.id, 90, digests), /is expired: make another/);
});

test("there is one root token with all scopes: a new one revokes those before", () => {
  const first = replaceRoot([], 1, digests);
  assert.equal([first.record.isRoot, first.record.scopes], [true, SCOPES]);
  const other = addToken(first.records, READ, 2, digests);
  const second = replaceRoot(other.records, 3, digests);
  assert.equal(second.records.filter(({ revokedAt }) => revokedAt === undefined).map(({ id }) => id), [
    other.record.id,
    second.record.id,
  ]);
  const rotated = rotateToken(second.records, second.record.id, 4, digests);
  assert.is(rotated.record.isRoot, true);
});

test.run();
