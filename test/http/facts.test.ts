import { test } from "uvu";
import * as assert from "uvu/assert";
import { factsOf, postHeadOf, type RequestFacts } from "../../src/http/facts.ts";

/** All facts, in one order. */
function listOf({ host, origin, fetchSite, authorization, cookie, peer, isForwarded }: RequestFacts): unknown[] {
  return [host, origin, fetchSite, authorization, cookie, peer, isForwarded];
}

test("the facts of a request are what its headers and its connection tell", () => {
  const headers = new Headers([
    ["Host", "localhost:1"],
    ["ORIGIN", "http://a"],
    ["Sec-Fetch-Site", "none"],
    ["Authorization", "Bearer x"],
    ["Cookie", "a=1"],
    ["X-Other", "x"],
  ]);
  const env = { remoteAddr: { hostname: "10.0.0.1" } };
  assert.equal(listOf(factsOf(headers, env)), ["localhost:1", "http://a", "none", "Bearer x", "a=1", "10.0.0.1", false]);
});

test("a header that is absent is undefined, an empty one is not", () => {
  assert.equal(listOf(factsOf(new Headers())), [...Array(6).fill(undefined), false]);
  const names = ["host", "origin", "sec-fetch-site", "authorization", "cookie"];
  const empty = new Headers(names.map((name): [string, string] => [name, ""]));
  assert.equal(listOf(factsOf(empty)), [...Array(5).fill(""), undefined, false]);
});

test("a proxy gives itself away by either header", () => {
  for (const name of ["Forwarded", "X-Forwarded-For"]) assert.is(factsOf(new Headers([[name, ""]])).isForwarded, true, name);
});

test("what stands in for a missing Host does so only then", () => {
  assert.is(factsOf(new Headers(), undefined, "localhost:1").host, "localhost:1");
  assert.is(factsOf(new Headers([["host", "evil.com"]]), undefined, "localhost:1").host, "evil.com");
});

test("a post says what its body is, and by what key it is known", () => {
  assert.equal(postHeadOf(new Headers()), { contentType: undefined, idempotencyKey: undefined });
  const headers = new Headers([["content-type", "text/plain"], ["Idempotency-Key", "k"]]);
  assert.equal(postHeadOf(headers), { contentType: "text/plain", idempotencyKey: "k" });
});

test("of several headers of one name none is dropped, so that no name of the broker hides another", () => {
  const headers = new Headers([["host", "localhost:1"], ["host", "evil.com"]]);
  assert.is(factsOf(headers).host, "localhost:1, evil.com");
});

test.run();
