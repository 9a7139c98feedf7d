import { test } from "uvu";
import * as assert from "uvu/assert";
import { type AccessOptions, createAccess, UNAUTHORIZED } from "../../src/http/access.ts";
import type { RequestFacts } from "../../src/http/facts.ts";
import { isRefusal } from "../../src/http/grant.ts";
import { Logins } from "../../src/http/logins.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { factsWith } from "../support/facts.ts";
import { bearer, FakeTokens } from "../support/tokens.ts";

const OWN = { origin: "http://localhost:7857" };
const NAMED = { origin: "http://pet.lan" };
const COOKIE = "perch_7857";

function accessOf(options: Partial<AccessOptions> = {}) {
  const clock = new FakeClock();
  const tokens = new FakeTokens("root").add("hook", "ingest");
  const logins = new Logins(clock, tokens);
  const allowsOrigin = (origin: string) => origin === NAMED.origin;
  const access = createAccess({ tokens, logins, requireToken: false, allowsOrigin, ...options });
  /** Whose it is, and the scopes; or the status and the code. */
  const judge = (changes: Partial<RequestFacts> = {}): string => {
    const answer = access(factsWith(changes));
    return isRefusal(answer) ? `${answer.status} ${answer.code}` : `${answer.who}: ${[...answer.scopes].toSorted().join()}`;
  };
  /** The header of a browser that has logged in. */
  const logIn = (tokenId = "root", name = COOKIE) => {
    const scopes = new Set(["read", "sessions"] as const);
    return { cookie: `other=1; ${name}=${logins.redeem(logins.newCode({ tokenId, scopes }))}` };
  };
  return { access, clock, tokens, logins, judge, logIn };
}

test("a program of this machine may post and read, and no more, without a token", () => {
  const { judge } = accessOf();
  for (const peer of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) assert.is(judge({ peer }), ": ingest,read", peer);
});

test("from beyond this machine, from nobody knows where, or through a proxy, everybody needs a token", () => {
  const { judge } = accessOf();
  for (const peer of ["10.0.0.1", "::ffff:10.0.0.1", "fe80::1", undefined]) {
    for (const page of [{}, OWN, NAMED]) assert.is(judge({ peer, ...page }), "401 unauthorized");
    assert.is(judge({ peer, ...bearer("hook") }), "hook: ingest");
  }
  assert.equal([judge({ isForwarded: true }), judge({ isForwarded: true, ...bearer("hook") })], [
    "401 unauthorized",
    "hook: ingest",
  ]);
});

test("the broker's own pages may only read without a cookie; pages of named origins may post, too", () => {
  const { judge } = accessOf();
  for (const page of [OWN, { fetchSite: "same-origin" }, { fetchSite: "none" }, { origin: "" }, { fetchSite: "" }]) {
    assert.is(judge(page), ": read");
  }
  assert.is(judge(NAMED), ": ingest,read");
});

test("where a token is required, nobody may do anything without", () => {
  const { judge, logIn } = accessOf({ requireToken: true });
  for (const page of [{}, OWN, NAMED]) assert.is(judge(page), "401 unauthorized");
  assert.equal([judge(bearer("hook")), judge({ ...OWN, ...logIn() })], ["hook: ingest", "root: read,sessions"]);
});

test("a token gives its own scopes to whoever shows it, wherever from", () => {
  const { judge } = accessOf();
  for (const from of [{}, OWN, NAMED, { peer: "10.0.0.1" }]) {
    assert.is(judge({ ...from, ...bearer("root") }), "root: admin,ingest,messages,read,sessions");
    assert.is(judge({ ...from, ...bearer("hook") }), "hook: ingest");
  }
  assert.is(judge({ authorization: "bearer   perch_hook" }), "hook: ingest");
});

test("what is shown as a token and is none is refused, even where none is needed", () => {
  const { judge, tokens } = accessOf();
  const wrong = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    "perch_root",
    "Basic cm9vdDp4",
    "Bearer perch_root x",
    "Bearer perch_root, Bearer perch_root",
  ];
  for (const authorization of wrong) assert.is(judge({ authorization }), "401 unauthorized", authorization);
  tokens.set("root", "expired");
  tokens.set("hook", "revoked");
  assert.equal([judge(bearer("root")), judge(bearer("hook"))], ["401 token_expired", "401 token_revoked"]);
});

test("only wrong credentials count as a failure, and each refusal says how to do better", () => {
  const { access } = accessOf();
  const wrong = access(factsWith({ authorization: "Bearer x" }));
  assert.ok(isRefusal(wrong));
  assert.equal([wrong.isFailure, wrong.headers], [true, { "www-authenticate": 'Bearer error="invalid_token"' }]);
  assert.is(access(factsWith({ peer: "10.0.0.1" })), UNAUTHORIZED);
  assert.equal([UNAUTHORIZED.isFailure, UNAUTHORIZED.headers], [undefined, { "www-authenticate": "Bearer" }]);
});

test("where nobody has a token, what is sent as one belongs to the app around", () => {
  const { judge } = accessOf({ tokens: undefined });
  assert.equal([judge({ authorization: "Basic x" }), judge({ authorization: "Basic x", peer: "10.0.0.1" })], [
    ": ingest,read",
    "401 unauthorized",
  ]);
});

test("a cookie counts on the broker's own pages, and nowhere else", () => {
  const { judge, logIn } = accessOf();
  const cookie = logIn();
  const own = [OWN, { fetchSite: "same-origin" }, { fetchSite: "none" }, { ...OWN, fetchSite: "same-origin" }];
  for (const page of own) assert.is(judge({ ...page, ...cookie }), "root: read,sessions");
  assert.is(judge(cookie), ": ingest,read", "a program");
  const others = ["http://localhost:7858", "http://127.0.0.1:7857", "http://localhost", "null", "", "http://evil.com"];
  for (const origin of others) assert.is(judge({ origin, ...cookie }), ": read", origin);
  assert.is(judge({ ...NAMED, ...cookie }), ": ingest,read");
  for (const fetchSite of ["same-site", "cross-site", ""]) assert.is(judge({ fetchSite, ...cookie }), ": read", fetchSite);
  assert.is(judge({ origin: "https://localhost:7857", ...cookie }), "root: read,sessions", "behind TLS");
});

test("the cookie of another port is not looked at, one that is wrong is refused", () => {
  const { judge, logIn } = accessOf();
  assert.is(judge({ ...OWN, ...logIn("root", "perch_7858") }), ": read");
  assert.is(judge({ ...OWN, cookie: `x${COOKIE}=1` }), ": read");
  for (const value of ["", "1", "a".repeat(54)]) {
    assert.is(judge({ ...OWN, cookie: `${COOKIE}=${value}` }), "401 unauthorized", value);
  }
  assert.is(judge({ ...OWN, cookie: `${COOKIE}=1`, ...bearer("hook") }), "hook: ingest", "a token goes before a cookie");
});

test("a login ends with its token, after 12 h, and when it is logged out of", () => {
  const { judge, logIn, logins, tokens, clock } = accessOf();
  const [one, two] = [logIn(), logIn("hook")];
  tokens.set("hook", "revoked");
  assert.is(judge({ ...OWN, ...two }), "401 token_revoked");
  tokens.set("hook", "expired");
  assert.is(judge({ ...OWN, ...two }), "401 token_expired");
  logins.end(one.cookie.replace(/^.*=/, ""));
  assert.is(judge({ ...OWN, ...one }), "401 unauthorized");
  const three = logIn();
  clock.advance(12 * 3_600_000 - 1);
  assert.is(judge({ ...OWN, ...three }), "root: read,sessions");
  clock.advance(1);
  assert.is(judge({ ...OWN, ...three }), "401 unauthorized");
});

test("streams end with what they were opened with: a token, a login", () => {
  const { access, tokens, logins, logIn } = accessOf();
  const endingOf = (changes: Partial<RequestFacts>) => {
    const grant = access(factsWith(changes));
    assert.ok("who" in grant);
    return () => grant.ending?.()?.code;
  };
  const { cookie } = logIn();
  const [token, login, nobody] = [endingOf(bearer("hook")), endingOf({ ...OWN, cookie }), endingOf({})];
  assert.equal([token(), login(), nobody()], [undefined, undefined, undefined]);
  logins.end(cookie.replace(/^.*=/, ""));
  assert.equal([token(), login(), nobody()], [undefined, 4501, undefined]);
  tokens.set("hook", "expired");
  assert.is(token(), 4401);
  tokens.set("hook", "revoked");
  assert.is(token(), 4501);
});

test.run();
