import { test } from "uvu";
import * as assert from "uvu/assert";
import { cookieName, loginCookieOf, Logins } from "../../src/http/logins.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { factsWith } from "../support/facts.ts";
import { FakeTokens } from "../support/tokens.ts";

const LOGIN = { tokenId: "root", scopes: new Set(["read"] as const) };

function loginsOf() {
  const clock = new FakeClock();
  const tokens = new FakeTokens("root");
  return { clock, tokens, logins: new Logins(clock, tokens) };
}

test("a code is good once, and within a minute", () => {
  const { logins, clock } = loginsOf();
  const code = logins.newCode(LOGIN);
  const value = logins.redeem(code) ?? "";
  assert.equal([logins.find(value), logins.redeem(code)], [LOGIN, undefined]);
  const [early, late] = [logins.newCode(LOGIN), logins.newCode(LOGIN)];
  clock.advance(59_999);
  assert.type(logins.redeem(early), "string");
  clock.advance(1);
  assert.is(logins.redeem(late), undefined);
});

test("a code is no cookie, and a cookie no code", () => {
  const { logins } = loginsOf();
  const code = logins.newCode(LOGIN);
  assert.is(logins.find(code), undefined);
  const value = logins.redeem(code) ?? "";
  assert.is(logins.redeem(value), undefined);
});

test("a code is worth nothing once its token is no longer valid", () => {
  for (const state of ["expired", "revoked", "unknown"] as const) {
    const { logins, tokens } = loginsOf();
    const code = logins.newCode(LOGIN);
    tokens.set("root", state);
    assert.is(logins.redeem(code), undefined, state);
  }
});

test("there are 1,000 logins at most, and 100 links that wait", () => {
  const { logins } = loginsOf();
  const logIn = () => logins.redeem(logins.newCode(LOGIN)) ?? "";
  const first = logIn();
  for (let n = 1; n < 1_000; n += 1) logIn();
  assert.equal(logins.find(first), LOGIN);
  logIn();
  assert.is(logins.find(first), undefined);
  const [oldest, next] = Array.from({ length: 101 }, () => logins.newCode(LOGIN));
  assert.equal([logins.redeem(oldest ?? ""), typeof logins.redeem(next ?? "")], [undefined, "string"]);
});

test("the cookie has the port in its name", () => {
  assert.equal(["localhost:7857", "[::1]:1", "pet.lan", "[::1]", undefined].map(cookieName), [
    "perch_7857",
    "perch_1",
    "perch",
    "perch",
    "perch",
  ]);
});

test("the cookie is found among others, by its whole name", () => {
  const own = { origin: "http://localhost:7857" };
  const found = (cookie: string) => loginCookieOf(factsWith({ ...own, cookie }));
  assert.equal(["perch_7857=a", "x=1; perch_7857=a; y=2", "x=1;perch_7857=a"].map(found), ["a", "a", "a"]);
  assert.equal(["", "perch_7857", "perch_78570=a", "xperch_7857=a", "PERCH_7857=a"].map(found), Array(5).fill(undefined));
  assert.is(loginCookieOf(factsWith(own)), undefined);
});

test.run();
