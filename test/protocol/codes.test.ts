import { test } from "uvu";
import * as assert from "uvu/assert";
import { CLOSE, mayReturn } from "../../src/protocol/codes.ts";

test("a client comes back after every close code but those that tell it to stay away", () => {
  const stayAway = Object.entries(CLOSE).filter(([, code]) => !mayReturn(code)).map(([name]) => name);
  assert.equal(stayAway.toSorted(), ["forbidden", "policy", "revoked", "tooBig"]);
});

test("codes from 4400 ask to come back, codes from 4500 to stay away", () => {
  for (let code = 4400; code < 4500; code += 1) assert.ok(mayReturn(code), `${code}`);
  for (let code = 4500; code < 4600; code += 1) assert.not(mayReturn(code), `${code}`);
  for (const code of [1005, 1006, 1012, 1013, 4399, 4600]) assert.ok(mayReturn(code), `${code}`);
});

test("every close code is one that a server may send, and stands for one thing", () => {
  const codes = Object.values(CLOSE);
  assert.is(new Set<number>(codes).size, codes.length);
  const isReserved = (code: number) => [1004, 1005, 1006, 1015].includes(code);
  for (const code of codes) assert.ok((code >= 1000 && code <= 1014 && !isReserved(code)) || (code >= 4000 && code <= 4999));
});

test.run();
