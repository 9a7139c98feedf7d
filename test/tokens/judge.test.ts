import { test } from "uvu";
import * as assert from "uvu/assert";
import { nodeDigests } from "../../adapters/digests.ts";
import { addToken } from "../../src/tokens/changes.ts";
import { checkToken } from "../../src/tokens/judge.ts";
import type { TokenRecord } from "../../src/tokens/list.ts";
import { newTokenText } from "../../src/tokens/text.ts";

const digests = nodeDigests();
const { record, text } = addToken([], { scopes: ["read", "ingest"], expiresAt: 100 }, 1, digests);
const check = (secret: string, now = 99, fields: Partial<TokenRecord> = {}) =>
  checkToken(new Map([[record.id, { ...record, ...fields }]]), secret, now, digests);

test("the right text is worth its scopes until its end", () => {
  assert.equal(check(text), {
    state: "valid",
    token: { id: record.id, scopes: new Set(["read", "ingest"]), expiresAt: 100 },
  });
  assert.equal(check(text, 100), { state: "expired" });
  assert.is(check(text, Number.MAX_SAFE_INTEGER, { expiresAt: undefined }).state, "valid");
});

test("what was revoked says so, also once it would have expired", () => {
  assert.equal(check(text, 99, { revokedAt: 50 }), { state: "revoked" });
  assert.equal(check(text, 101, { revokedAt: 50 }), { state: "revoked" });
});

test("with the id alone nothing is learnt of a token, whatever became of it", () => {
  const other = text.slice(0, -43) + newTokenText().text.slice(-43);
  for (const fields of [{}, { revokedAt: 1 }, { expiresAt: 1 }]) assert.equal(check(other, 99, fields), { state: "unknown" });
  for (const wrong of [newTokenText().text, "", "perch", record.sha256, `${text} `, text.replace("perch_", "PERCH_")]) {
    assert.equal(check(wrong), { state: "unknown" });
  }
});

test("a token that is not in the list costs the same comparison as one that is", () => {
  let compared = 0;
  const counting = { ...digests, areEqual: (a: string, b: string) => digests.areEqual(a, b) || ++compared < 0 };
  checkToken(new Map(), text, 1, counting);
  checkToken(new Map([[record.id, { ...record, sha256: "0".repeat(64) }]]), text, 1, counting);
  assert.is(compared, 2);
});

test("digests are SHA-256 of UTF-8, and compared whole", () => {
  assert.is(digests.sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assert.equal([digests.areEqual("ab", "ab"), digests.areEqual("ab", "ac"), digests.areEqual("ab", "abc")], [
    true,
    false,
    false,
  ]);
});

test.run();
